import assert from "node:assert/strict";
import { domainToASCII } from "node:url";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { testContext } from "../../test/support/context.ts";
import type { Click } from "../db/click.ts";
import { cleanText, cleanTextSql } from "./clean-text.ts";
import { emailKey, emailKeySql } from "./email-key.ts";
import { toALabels } from "./idn-label.ts";
import { mixedScripts, mixedScriptsSql } from "./mixed-scripts.ts";
import { phoneKey, phoneKeySql } from "./phone-key.ts";
import { usernameKey, usernameKeySql } from "./username-key.ts";

test("two spellings of one mailbox have one key", () => {
  const same = (...spellings: string[]): void =>
    assert.equal(new Set(spellings.map(emailKey)).size, 1, spellings.join());
  same("Jo.Doe+news@Gmail.com", "jodoe@googlemail.com", " jodoe@gmail.com\n");
  same("jo+a@outlook.com", "JO@outlook.com");
  same("jo@münchen.de", "jo@xn--mnchen-3ya.de", "jo@MÜNCHEN.de.");
  same("ｊｏ＠example.org", "jo@example.org");
});

test("addresses that may be two mailboxes stay two", () => {
  assert.notEqual(emailKey("jo.doe@example.org"), emailKey("jodoe@example.org"));
  assert.notEqual(emailKey("jo+a@example.org"), emailKey("jo@example.org"));
  assert.notEqual(emailKey("straße@example.org"), emailKey("strasse@example.org"));
  assert.notEqual(emailKey("pаypal@example.org"), emailKey("paypal@example.org"));
});

test("what no mail can be sent to has no key", () => {
  for (const text of [
    "",
    "jo",
    "jo@",
    "@example.org",
    "jo@localhost",
    "a..b@c.de",
    "a b@c.de",
    "a\u200bb@c.de",
    "jo@exa mple.org",
    `${"a".repeat(65)}@c.de`,
    "a\0@c.de",
  ]) {
    assert.equal(emailKey(text), undefined, JSON.stringify(text));
  }
});

test("numbers become E.164, national ones by their country's plan", () => {
  assert.equal(phoneKey("+49 (30) 901-820"), "+4930901820");
  assert.equal(phoneKey("030 901820", "DE"), "+4930901820");
  assert.equal(phoneKey("0044 20 7946 0018"), "+442079460018");
  assert.equal(phoneKey("+44 (0)20 7946 0018", "GB"), "+442079460018");
  assert.equal(phoneKey("030 901820"), undefined);
  assert.equal(phoneKey("call me", "DE"), undefined);
});

test("letters of two scripts in one word are noticed", () => {
  assert.equal(mixedScripts("pаypal"), true);
  assert.equal(mixedScripts("paypal"), false);
  assert.equal(mixedScripts("почта"), false);
});

const DOMAIN = fc.constantFrom(
  "gmail.com",
  "GoogleMail.com",
  "example.org",
  "münchen.de",
  "例え.テスト",
  "me.com",
  "faß.de",
  "bücher.bücher.example",
  "a_b.org",
  "x.y",
  "почта.рф",
  "a。b.de",
  "xn--mnchen-3ya.de",
  "-a.de",
  "a.1",
);
const HOSTILE = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.string({ maxLength: 70 }),
  fc.string({
    unit: fc.constantFrom(
      "a",
      ".",
      "+",
      "@",
      " ",
      "ß",
      "Σ",
      "İ",
      "\u200b",
      "\0",
      "'",
      "\\",
      "\n",
      "＠",
      "ﬁ",
      "\u0301",
      "\ud800",
      "Å",
      "0",
      "(",
      ")",
    ),
    maxLength: 30,
  }),
);
const ADDRESS = fc.tuple(HOSTILE, DOMAIN).map(([local, domain]) => `${local}@${domain}`);
const NUMBER = fc.string({
  unit: fc.constantFrom("+", "0", "1", "4", "9", " ", "-", "(", ")", ".", "/", "\u2011", "٣"),
  maxLength: 24,
});
const TEXT = fc.oneof(HOSTILE, ADDRESS, NUMBER);

async function inSql(click: Click, sql: string, texts: readonly string[]): Promise<string[]> {
  const rows = await click.query(
    z.object({ out: z.string() }),
    `select out from (select ${sql} as out, place from (
       select unhex(hex) as value, place from (select arrayJoin(arrayZip({hex:Array(String)}, arrayEnumerate({hex:Array(String)}))) as one, one.1 as hex, one.2 as place)))
     order by place`,
    { hex: texts.map((text) => Buffer.from(text).toString("hex")) },
  );
  return rows.map(({ out }) => out);
}

test("ClickHouse finds the same keys as Node, also in hostile texts", async () => {
  await using t = await testContext();
  const click = await t.ctx.click();
  const pairs: [string, (text: string) => string, string][] = [
    ["emailKey", (text) => emailKey(text) ?? "", emailKeySql("value")],
    ["usernameKey", (text) => usernameKey(text) ?? "", usernameKeySql("value")],
    ["cleanText", cleanText, cleanTextSql("value")],
    ["mixedScripts", (text) => String(mixedScripts(text)), `toString(${mixedScriptsSql("value")})`],
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(TEXT, { minLength: 200, maxLength: 400 }), async (texts) => {
      for (const [name, inNode, sql] of pairs) {
        const found = await inSql(click, sql, texts);
        texts.forEach((text, index) =>
          assert.equal(
            found[index],
            inNode(text.toWellFormed()),
            `${name} of ${JSON.stringify(text)}`,
          ),
        );
      }
      const phones = await inSql(click, phoneKeySql("value"), texts);
      texts.forEach((text, index) => {
        if (phones[index] !== "") assert.equal(phones[index], phoneKey(text), JSON.stringify(text));
      });
    }),
    { numRuns: 15 },
  );
});

test("every code point has one clean form in both", async () => {
  await using t = await testContext();
  const click = await t.ctx.click();
  for (let from = 0; from < 0x30000; from += 0x4000) {
    const texts = Array.from({ length: 0x4000 }, (_, index) => from + index)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => `a${String.fromCodePoint(code)}b`);
    const found = await inSql(click, cleanTextSql("value"), texts);
    assert.deepEqual(found, texts.map(cleanText));
  }
});

test("A-labels are those of the platform, for names that IDNA allows", () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom(...Array.from("abcüöäßéñçжщыλπ例え中文한글")),
        minLength: 1,
        maxLength: 12,
      }),
      (label) => {
        const name = `${label}.example`;
        assert.equal(toALabels(name), domainToASCII(name));
      },
    ),
  );
});
