import assert from "node:assert/strict";
import { test } from "node:test";
import type { AggregateRecord } from "./dmarc-aggregate.ts";
import { isWithin, networkOf, senderOf } from "./sender-of.ts";

function record(over: Partial<AggregateRecord>): AggregateRecord {
  return {
    source: "192.0.2.7",
    messages: 1,
    disposition: "none",
    dkimAligned: false,
    spfAligned: false,
    overrides: [],
    headerFrom: "example.cloud",
    envelopeFrom: "",
    dkim: [],
    spf: [],
    ...over,
  };
}

const pass = (domain: string, selector = "") => ({ domain, selector, result: "pass" });

test("who sends is named by the narrowest thing that was proved", () => {
  const cases: [Partial<AggregateRecord>, string, string][] = [
    [
      { dkimAligned: true, dkim: [pass("mailer.example"), pass("example.cloud", "s7")] },
      "dkim example.cloud s7",
      "aligned",
    ],
    [
      { dkimAligned: true, dkim: [pass("mail.example.cloud", "k")] },
      "dkim mail.example.cloud k",
      "aligned",
    ],
    [{ dkimAligned: true }, "dkim example.cloud", "aligned"],
    [
      { spfAligned: true, spf: [pass("example.cloud")] },
      "spf example.cloud from 192.0.2.0/24",
      "aligned",
    ],
    [{ dkim: [pass("mailer.example", "x")] }, "dkim mailer.example x", "authenticated"],
    [{ spf: [pass("mailer.example")] }, "spf mailer.example", "authenticated"],
    [
      { dkim: [{ domain: "example.cloud", selector: "s", result: "fail" }] },
      "unknown from 192.0.2.0/24",
      "unauthenticated",
    ],
  ];
  for (const [over, sender, standing] of cases)
    assert.deepEqual(senderOf(record(over), "example.cloud"), { sender, standing });
});

test("a domain is within another only at a dot", () => {
  assert.deepEqual(
    ["example.cloud", "a.example.cloud", "badexample.cloud", "cloud"].map((one) =>
      isWithin(one, "example.cloud"),
    ),
    [true, true, false, false],
  );
  assert.equal(isWithin("example.cloud", ""), false);
});

test("networks are a site's", () => {
  assert.deepEqual(
    [
      "203.0.113.9",
      "2001:0db8::1",
      "2001:db8:0:7::1",
      "::1",
      "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff",
    ].map((one) => networkOf(one)),
    ["203.0.113.0/24", "2001:db8:0::/48", "2001:db8:0::/48", "0:0:0::/48", "2001:db8:aaaa::/48"],
  );
});
