import assert from "node:assert/strict";
import { test } from "node:test";
import { readBack } from "../../../test/support/documents/read.ts";
import { simpleMail } from "./simple-mail.ts";

const PLAIN =
  "From: a@x.example\r\nTo: b@x.example,\r\n c@x.example\r\nSubject: hey\r\n\r\nbody d@x.example\r\n";

test("a message that is one text as it stands is read as the library would read it", async () => {
  const mime = `MIME-Version: 1.0\r\nContent-Type: text/plain; format=flowed\r\n${PLAIN}`;
  assert.ok(simpleMail(Buffer.from(PLAIN)));
  assert.equal(simpleMail(Buffer.from(mime)), undefined);
  const own = await readBack({ m: PLAIN });
  const theirs = await readBack({ m: mime });
  const found = (texts: readonly string[]): string[] =>
    texts.map((text) => text.replace(/entry \d+/, "")).filter((text) => !/1\.0|flowed/.test(text));
  assert.deepEqual(found(own.texts), found(theirs.texts));
  assert.ok(own.texts.some((text) => text.endsWith("b@x.example, c@x.example")));
});

test("what is encoded in any way is left to the library", async () => {
  const others = [
    "Content-Transfer-Encoding: base64\n",
    "Content-Type: multipart/mixed; boundary=x\n",
    "Content-Type: text/plain; charset=iso-2022-jp\n",
    "X-Name: =?utf-8?q?J=C3=B6rg?=\n",
  ];
  for (const other of others)
    assert.equal(
      simpleMail(Buffer.from(`From: a@x.example\nTo: b@x.example\n${other}\nbody\n`)),
      undefined,
    );
  const read = await readBack({
    m: `From: a@x.example\nTo: b@x.example\nContent-Transfer-Encoding: base64\n\n${Buffer.from("hid@x.example").toString("base64")}\n`,
  });
  assert.ok(
    read.texts.some((text) => text.includes("hid@x.example")),
    read.texts.join("\n"),
  );
});
