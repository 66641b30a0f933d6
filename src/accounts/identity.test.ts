import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { testClick } from "../../test/support/context.ts";
import { mayBeNamedSql, nameKey, nameKeySql, setOf } from "./identity.sql.ts";

const ODD = [
  "Ada",
  " ada ",
  "A.D.A+news@GoogleMail.com",
  "a.b+c@example.org",
  "Ada@Example.ORG.",
  "ada@EXAMPLE.org ",
  "STRASSE",
  "Straße",
  "ΣΊΣΥΦΟΣ",
  "ａｄａ",
  "ada@münchen.example",
  "x".repeat(600),
  "a@b",
  "@",
  "",
  "\u202Eada",
  "EXAMPLE\\ada",
];

const Keys = z.object({ text: z.string(), key: z.string(), maybe: z.number() });

test("a name has the same key in SQL, and whatever has it passes the first test", async () => {
  const click = await testClick();
  const any = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ unit: "grapheme", maxLength: 8 }),
    fc.emailAddress(),
    fc
      .constantFrom("gmail.com", "Outlook.com", "proton.me", "example.org")
      .chain((domain) =>
        fc.stringMatching(/^[A-Za-z0-9.+]{1,10}$/).map((local) => `${local}@${domain}`),
      ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(any, { minLength: 1, maxLength: 200 }), async (more) => {
      const texts = [...new Set([...ODD, ...more].map((text) => text.toWellFormed()))];
      const rows = await click.query(
        Keys,
        `select text, ${nameKeySql("text")} as key, ${mayBe("text", texts.map(nameKey))} as maybe
         from (select arrayJoin({texts:Array(String)}) as text)`,
        { texts },
      );
      for (const { text, key, maybe } of rows) {
        assert.equal(key, nameKey(text), JSON.stringify(text));
        assert.ok(maybe === 1 || key === "", JSON.stringify(text));
      }
    }),
    { numRuns: 10 },
  );
});

/** The first test with the text in one of its cells and the others empty. */
function mayBe(text: string, keys: readonly string[]): string {
  const sql = mayBeNamedSql(setOf(keys.filter((key) => key !== "")));
  return sql
    .replaceAll(/\b(?:actor_user_name|actor_user_uid|user_uid|user_email_addr)\b/g, "''")
    .replaceAll(/\buser_name\b/g, text);
}
