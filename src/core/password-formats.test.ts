import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { z } from "zod";
import { sharedData } from "../../test/support/shared-data.ts";
import { testContext } from "../../test/support/context.ts";
import { passwordDetailSql, passwordGradeSql } from "../scope/password.sql.ts";
import { gradeOf, isWeakForm, passwordFormat, PLAINTEXT } from "./password-formats.ts";

const Examples = z.array(
  z.object({ name: z.string(), category: z.string(), example: z.string().nullable() }),
);

/** hashcat's kinds of what a customer database or a directory holds; the rest are disks, wallets, archives and protocols. */
const KINDS = /RAW_HASH|FORUM|DATABASE_SERVER|FRAMEWORK|GENERIC_KDF|NETWORK_SERVER/;

function examples(t: {
  skip(reason: string): void;
}): { name: string; example: string; category: string }[] | undefined {
  const path = sharedData("secrets/hash-formats.json");
  if (path === undefined) {
    t.skip("shared data is not here");
    return undefined;
  }
  const all = Examples.parse(JSON.parse(readFileSync(path, "utf8")));
  return all.flatMap((one) => (one.example === null ? [] : [{ ...one, example: one.example }]));
}

test("the hash formats that customer databases hold are recognised", (t) => {
  const all = examples(t);
  if (!all) return;
  const ours = all.filter((one) => KINDS.test(one.category));
  const found = ours.filter((one) => passwordFormat(one.example) !== undefined).length;
  assert.ok(found / ours.length >= 0.95, `${found} of ${ours.length}`);
  const every = all.filter((one) => passwordFormat(one.example) !== undefined).length;
  assert.ok(every / all.length >= 0.85, `${every} of ${all.length}`);
});

const KNOWN = {
  "$2y$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW": "bcrypt strong",
  "$2a$05$LhayLxezLhK1LhWvKxCyLOj0j1u.Kj0jZ0pEmm134uzrQlFvQJLF6": "bcrypt fair",
  "pbkdf2_sha256$600000$abc$bJNWeHzWJJh2xT0IrCMPQj6xCx4UGd8Cl0rAnVpLjzo=": "PBKDF2-SHA256 strong",
  "pbkdf2_sha256$10000$1135411628$bFYX62rfJobJ07VwrUMXfuffLfj2RDM2G6/BrTrUWkE=":
    "PBKDF2-SHA256 fair",
  sha1$fe76b$02d5916550edf7fc8c886f044887f4b1abf9b013: "Django SHA-1 weak",
  "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$WnJ0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q": "argon2id strong",
  "$P$984478476IagS59wHZvyQMArzfx58u.": "phpass fair",
  "5f4dcc3b5aa765d61d8327deb882cf99": "MD5 or NTLM weak",
  "{SSHA}AZKja92fbuuB9SpRlHqaoXxbTc43Mzc2MDM1Ng==": "salted SHA-1 weak",
};

test("a grade follows what guessing costs, by the cost that the form names", () => {
  for (const [value, expected] of Object.entries(KNOWN)) {
    const format = passwordFormat(value);
    assert.equal(format && `${format.name} ${gradeOf(format, value)}`, expected);
  }
  assert.equal(passwordFormat("correct horse battery staple"), undefined);
  assert.deepEqual([PLAINTEXT, "MD5 or NTLM", "bcrypt", "argon2id"].map(isWeakForm), [
    true,
    true,
    false,
    false,
  ]);
});

const Answer = z.object({ detail: z.string(), grade: z.string() });

test("ClickHouse recognises and grades what Node does", async (t) => {
  await using context = await testContext();
  const click = await context.ctx.click();
  const random = fc.sample(fc.string({ unit: "binary-ascii", maxLength: 60 }), 300);
  const values = [
    ...(examples(t) ?? []).map((one) => one.example),
    ...Object.keys(KNOWN),
    ...random,
    "Zoë's pass\nword",
  ];
  const rows = await click.query(
    Answer,
    `select ${passwordDetailSql("v")} as detail, ${passwordGradeSql("v")} as grade from (select arrayJoin({values:Array(String)}) as v)`,
    { values },
  );
  for (const [at, value] of values.entries()) {
    const format = passwordFormat(value);
    assert.deepEqual(
      rows[at],
      { detail: format?.name ?? PLAINTEXT, grade: format ? gradeOf(format, value) : "weak" },
      value.slice(0, 100),
    );
  }
});
