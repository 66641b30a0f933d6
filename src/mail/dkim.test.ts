import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { array, assert as holds, asyncProperty, constantFrom, string } from "fast-check";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { dkimKey, dkimRecord, dkimSign, type DkimKey } from "./dkim.ts";

const pem = { format: "pem", type: "pkcs8" } as const;
const rsa = dkimKey(
  "example.cloud",
  "r1",
  generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export(pem),
);
const ed = dkimKey("example.cloud", "e1", generateKeyPairSync("ed25519").privateKey.export(pem));

/** mailauth's verdict on each signature, with our record in place of DNS. */
async function verdicts(signed: Buffer, keys: readonly DkimKey[]): Promise<string[]> {
  const resolver = async (name: string): Promise<string[][]> => {
    const key = keys.find(({ selector, domain }) => name === `${selector}._domainkey.${domain}`);
    if (!key) throw Object.assign(new Error("no record"), { code: "ENOTFOUND" });
    return [[dkimRecord(key)]];
  };
  const { results } = await dkimVerify(signed, { resolver });
  return results.map(({ status }: { status: { result: string } }) => status.result);
}

const HEAD =
  'From: "Example Cloud" <security@example.cloud>\r\nTo: a@example.org\r\nSubject: =?utf-8?Q?caf=C3=A9?=\r\n a second  line\r\n' +
  "Date: Mon, 27 Apr 2026 10:00:00 +0000\r\nMessage-ID: <1@example.cloud>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n";

const BODIES = [
  "",
  "\r\n",
  "\r\n\r\n\r\n",
  "hello",
  "hello\r\n",
  "a  b \t c \r\n\r\n\r\n",
  " \r\n x\t\r\n.\r\n",
  "é\r\n",
  "\r\n\r\nlate\r\n",
];

for (const body of BODIES) {
  test(`an independent verifier accepts both signatures over ${JSON.stringify(body)}`, async () => {
    const signed = await dkimSign(Buffer.from(`${HEAD}\r\n${body}`), [rsa, ed]);
    assert.deepEqual(await verdicts(signed, [rsa, ed]), ["pass", "pass"]);
  });
}

test("any printable body passes", async () => {
  const line = string({ unit: constantFrom(" ", "\t", ".", "a", "é", "=", "-"), maxLength: 20 });
  await holds(
    asyncProperty(array(line, { maxLength: 6 }), async (lines) => {
      const signed = await dkimSign(Buffer.from(`${HEAD}\r\n${lines.join("\r\n")}`), [ed]);
      assert.deepEqual(await verdicts(signed, [ed]), ["pass"]);
    }),
    { numRuns: 60 },
  );
});

test("a changed word, a changed subject and an added sender are found", async () => {
  const signed = String(
    await dkimSign(Buffer.from(`${HEAD}\r\nyou need not change it\r\n`), [rsa, ed]),
  );
  for (const forged of [
    signed.replace("need not", "must"),
    signed.replace("a second", "another"),
    signed.replace("Date:", "From: mallory@example.org\r\nDate:"),
  ]) {
    assert.ok(!(await verdicts(Buffer.from(forged), [rsa, ed])).includes("pass"));
  }
});

test("the same message gets the same signatures", async () => {
  const data = Buffer.from(`${HEAD}\r\nhello\r\n`);
  assert.deepEqual(await dkimSign(data, [rsa, ed]), await dkimSign(data, [rsa, ed]));
});

test("no line of a signature is longer than 78 characters", async () => {
  const signed = String(await dkimSign(Buffer.from(`${HEAD}\r\nhello\r\n`), [rsa, ed]));
  assert.ok(signed.split("\r\n").every((line) => line.length <= 100));
});

test("keys that others would not trust are refused", () => {
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey.export(pem);
  const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export(pem);
  for (const key of [weak, other, "not a key"])
    assert.throws(() => dkimKey("d", "s", key), { code: "invalid" });
});
