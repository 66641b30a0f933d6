// Every bounce and complaint of a public collection, field by field, with each miss by its name: one more or one less fails.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import { sharedData } from "../../../test/support/shared-data.ts";
import { readMail } from "../incoming/incoming-mail.ts";
import type { Bounce } from "./bounce.ts";
import { readBounce } from "./read-bounce.ts";

const Row = z.object({
  file: z.string(),
  raw_latin1: z.string(),
  expected: z.array(
    z.object({
      deliverystatus: z.string(),
      replycode: z.string(),
      reason: z.string(),
      hardbounce: z.boolean(),
    }),
  ),
});
type Expected = z.output<typeof Row>["expected"][number];

const FIELDS: Readonly<Record<string, (bounce: Bounce, expected: Expected) => boolean>> = {
  status: (bounce, expected) => bounce.status === expected.deliverystatus,
  hard: (bounce, expected) => bounce.hard === expected.hardbounce,
  reply: (bounce, expected) => bounce.reply === expected.replycode,
  reason: (bounce, expected) => bounce.reason === expected.reason,
};

/**
 * Most are where the collection follows its own reader and not the message: OpenSMTPD's status fields (5.0.912 for a 5.0.0 in the report),
 * a "will be retried" called permanent, a 421 after QUIT taken for the cause, 5.1.1 called filtered.
 */
const MISSES: Readonly<Record<string, readonly string[]>> = {
  status: [
    "lhost-apachejames-01",
    "lhost-exim-38",
    "lhost-fml-03",
    "lhost-gmail-08",
    "lhost-mcafee-05",
    "lhost-opensmtpd-06",
    "lhost-opensmtpd-10",
    "lhost-opensmtpd-15",
    "lhost-sendmail-56",
    "lhost-v5sendmail-05[0]",
    "lhost-v5sendmail-05[3]",
  ],
  hard: [
    "lhost-apachejames-01",
    "lhost-fml-03",
    "lhost-mcafee-05",
    "lhost-receivingses-02",
    "lhost-v5sendmail-05[0]",
    "lhost-v5sendmail-05[3]",
    "rfc3464-01",
    "rfc3464-42",
  ],
  reply: [
    "lhost-fml-03",
    "lhost-postfix-60",
    "lhost-sendmail-56",
    "lhost-v5sendmail-02",
    "lhost-v5sendmail-04[0]",
    "lhost-v5sendmail-04[1]",
    "lhost-v5sendmail-05[0]",
    "lhost-v5sendmail-05[1]",
    "lhost-v5sendmail-05[2]",
    "lhost-x6-01",
    "rfc3464-01",
    "rhost-franceptt-06",
  ],
  reason: [
    "lhost-apachejames-01",
    "lhost-exchange2007-03",
    "lhost-fml-03",
    "lhost-gmail-05",
    "lhost-mcafee-05",
    "lhost-postfix-54",
    "lhost-postfix-77",
    "lhost-receivingses-02",
    "lhost-receivingses-03",
    "lhost-sendmail-16",
    "lhost-sendmail-54",
    "lhost-sendmail-56",
    "lhost-v5sendmail-05[0]",
    "lhost-v5sendmail-05[3]",
    "lhost-x6-01",
    "rfc3464-01",
    "rfc3464-04",
    "rfc3464-42",
    "rfc3464-43",
    "rhost-franceptt-03",
    "rhost-franceptt-04",
    "rhost-franceptt-08",
    "rhost-franceptt-10",
    "rhost-nttdocomo-02",
    "rhost-nttdocomo-03",
  ],
};

const data = sharedData("mail/bounces.jsonl");

test(
  "bounces of sixty kinds of mail systems are read as expected, but for these",
  {
    skip: data === undefined && "no ../shared/data/mail/bounces.jsonl beside the checkout",
  },
  async () => {
    const misses: Record<string, string[]> = { status: [], hard: [], reply: [], reason: [] };
    let expectations = 0;
    for (const line of readFileSync(data ?? "", "utf8")
      .trim()
      .split("\n")) {
      const row = Row.parse(JSON.parse(line));
      expectations += row.expected.length;
      for (const [field, name] of await missesOf(row)) misses[field]?.push(name);
    }
    assert.equal(expectations, 302);
    assert.deepEqual(misses, MISSES);
    const either = new Set([...(MISSES["status"] ?? []), ...(MISSES["hard"] ?? [])]);
    assert.ok(either.size <= 0.05 * expectations, `${either.size} of ${expectations}`);
  },
);

async function missesOf({
  file,
  raw_latin1: raw,
  expected,
}: z.output<typeof Row>): Promise<(readonly [string, string])[]> {
  const bounces = readBounce(await readMail(Buffer.from(raw, "latin1")))?.bounces ?? [];
  return expected.flatMap((one, at) => {
    const bounce = bounces[at];
    const name = file.replace(".eml", "") + (expected.length > 1 ? `[${at}]` : "");
    return Object.entries(FIELDS)
      .filter(([, same]) => !bounce || !same(bounce, one))
      .map(([field]) => [field, name] as const);
  });
}

const ham = sharedData("mail/ham");

test(
  "letters that people wrote are no bounces",
  {
    skip: ham === undefined && "no ../shared/data/mail/ham beside the checkout",
  },
  async () => {
    const names = readdirSync(ham ?? "");
    assert.ok(names.length >= 150);
    for (const name of names) {
      const mail = await readMail(readFileSync(`${ham}/${name}`));
      assert.equal(readBounce(mail), undefined, name);
      assert.match(mail.from, /@/, name);
      assert.notEqual(mail.subject, "", name);
      assert.notEqual(mail.text.trim(), "", name);
    }
  },
);
