import { test } from "node:test";
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { testClick } from "../../test/support/context.ts";
import { s3Store } from "../../test/support/s3.ts";
import type { LogInput } from "./list-inputs.ts";
import { s3Inputs } from "./s3-inputs.ts";

const KEY = "AKIDEXAMPLE";

async function bytesOf(input: LogInput | undefined): Promise<Buffer> {
  const parts: Buffer[] = [];
  if (input) for await (const chunk of input.open()) parts.push(chunk);
  return Buffer.concat(parts);
}

async function asking<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  const names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] as const;
  const before = names.map((name) => process.env[name]);
  process.env["AWS_ACCESS_KEY_ID"] = key;
  process.env["AWS_SECRET_ACCESS_KEY"] = "secret";
  try {
    return await work();
  } finally {
    for (const [at, name] of names.entries()) {
      if (before[at] === undefined) delete process.env[name];
      else process.env[name] = before[at];
    }
  }
}

test("objects below a prefix are read byte by byte as they are, whatever they are packed in and called", async () => {
  await using store = await s3Store(KEY);
  const folder = mkdtempSync(join(tmpdir(), "tocsin-s3-"));
  const objects: [string, Buffer][] = [
    ["logs/a.ndjson", Buffer.from('{"a":1}\r\n\n{"a":2}')],
    ["logs/deep/b.gz", gzipSync(randomBytes(300_000))],
    ["logs/deep/c d+ü&'e", Buffer.from("x\n")],
    ["logs/nul", Buffer.from("\0\n\0\r\n")],
  ];
  for (const [key, bytes] of [
    ...objects,
    ["other", Buffer.from("y")] as const,
    ["logs/folder/", Buffer.from("")] as const,
  ])
    store.objects.set(key, bytes);
  store.objects.set("logs/what*", Buffer.from("z"));
  const address = `s3://bucket/logs/?endpoint=${store.endpoint}`;
  const click = await testClick();
  const { inputs, unread } = await asking(
    KEY,
    async () => await s3Inputs(click, { address, folder }),
  );
  assert.deepEqual(
    inputs.map(({ name, bytes, written }) => [name, bytes, written?.toISOString()]),
    objects.map(([key, bytes]) => [`s3://bucket/${key}`, bytes.length, "2026-11-01T00:00:00.000Z"]),
  );
  for (const [at, [key, bytes]] of objects.entries())
    assert.deepEqual(await asking(KEY, async () => await bytesOf(inputs[at])), bytes, key);
  assert.deepEqual(unread, [
    { name: "s3://bucket/logs/what*", reason: "its key has one of *?{} in it: copy it to a file" },
  ]);
  assert.deepEqual(readdirSync(folder), [], "nothing is left of what was fetched");
  rmSync(folder, { recursive: true });
});

test("a store that refuses, an object that is gone, a prefix of nothing and what is no address are told apart", async () => {
  await using store = await s3Store(KEY);
  const folder = mkdtempSync(join(tmpdir(), "tocsin-s3-"));
  store.objects.set("logs/a", Buffer.from("x"));
  const click = await testClick();
  const address = `s3://bucket/logs?endpoint=${store.endpoint}`;
  const list = async (): ReturnType<typeof s3Inputs> => await s3Inputs(click, { address, folder });
  await assert.rejects(asking("SOMEBODY", list), { code: "refused", message: /AWS_ACCESS_KEY_ID/ });
  const { inputs } = await asking(KEY, list);
  store.objects.clear();
  await assert.rejects(
    asking(KEY, async () => await bytesOf(inputs[0])),
    { code: "refused", message: /not there/ },
  );
  assert.equal((await asking(KEY, list)).unread.length, 1);
  for (const wrong of ["s3://", "s3://b/*", "s3://UPPER/x", "s3://bucket/x?endpoint=file:///etc"])
    await assert.rejects(s3Inputs(click, { address: wrong, folder }), { code: "invalid" });
  rmSync(folder, { recursive: true });
});
