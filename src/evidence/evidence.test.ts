import { test } from "node:test";
import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Decrypter } from "age-encryption";
import type { Actor } from "../core/scope.ts";
import { TocsinError } from "../core/errors.ts";
import { sha256Hex } from "../core/digest.ts";
import { testContext } from "../../test/support/context.ts";
import { asDiskFailure } from "./disk-failure.ts";
import { addEvidence } from "./add-evidence.ts";
import { listEvidence } from "./find-evidence.ts";
import { privateFolder, removeLeftovers } from "./private-folder.ts";
import { sealForWork, unsealForWork } from "./seal-for-work.ts";
import { sealedPath } from "./store.ts";
import { unsealedStream, verifyEvidence, withUnsealed } from "./unseal.ts";

type Test = Awaited<ReturnType<typeof testContext>>;
const SECRET = "jtanaka,correct horse battery staple\n";

async function taken(t: Test, content: string | Buffer = SECRET) {
  const path = join(t.dir, "dump.csv");
  await writeFile(path, content);
  return await addEvidence(t.ctx, { incident: "inc", key: "dump", path, kind: "records" });
}

async function entriesOf(t: Test): Promise<string[]> {
  const rows = await t.ctx.db.read<{ kind: string }[]>`select kind from ledger_entries order by id`;
  return rows.map((row) => row.kind);
}

test("evidence is stored under its hash, sealed so that age opens it and nothing else shows it", async () => {
  await using t = await testContext();
  const added = await taken(t);
  assert.deepEqual(added, { sha256: sha256Hex(SECRET), bytes: SECRET.length, fresh: true });
  const sealed = await readFile(sealedPath(t.ctx.folder, added.sha256));
  assert.ok(!sealed.includes("jtanaka"));
  const key = join(t.ctx.folder.data, "keys", "evidence.agekey");
  assert.equal((await stat(key)).mode & 0o777, 0o600);
  const decrypter = new Decrypter();
  decrypter.addIdentity((await readFile(key, "utf8")).split("\n")[1] ?? "");
  assert.equal(await decrypter.decrypt(sealed, "text"), SECRET);
  assert.deepEqual(await entriesOf(t), ["evidence.taken"]);
});

test("the same content again is a no-op that says so, other content under the key is a conflict", async () => {
  await using t = await testContext();
  await taken(t);
  assert.equal((await taken(t)).fresh, false);
  assert.deepEqual(await entriesOf(t), ["evidence.taken"]);
  await assert.rejects(taken(t, "other"), { code: "conflict", message: /withdraws: dump/ });
});

test("two takers of one file at once make one record", async () => {
  await using t = await testContext();
  const both = await Promise.all([taken(t), taken(t)]);
  assert.deepEqual(both.filter((one) => one.fresh).length, 1);
  assert.deepEqual(await entriesOf(t), ["evidence.taken"]);
});

test("taking evidence needs its scope, a file and leaves nothing behind on failure", async () => {
  await using t = await testContext();
  const actor: Actor = { name: "reader", via: "cli", scopes: new Set(["evidence:read"]) };
  const input = {
    incident: "inc",
    key: "dump",
    path: join(t.dir, "missing.csv"),
    kind: "records",
  } as const;
  await assert.rejects(addEvidence({ ...t.ctx, actor }, input), { code: "forbidden" });
  await assert.rejects(addEvidence(t.ctx, input), { code: "not_found" });
  await assert.rejects(addEvidence(t.ctx, { ...input, path: t.dir }), { code: "invalid" });
  assert.deepEqual(await readdir(join(t.ctx.folder.data, "tmp")), []);
  assert.deepEqual(await listEvidence(t.ctx, "inc"), []);
});

test("unsealed evidence is private, in the ledger with its reason, and gone afterwards", async () => {
  await using t = await testContext();
  await taken(t);
  let where = "";
  await assert.rejects(
    withUnsealed(t.ctx, { incident: "inc", key: "dump", why: "scope" }, async (path) => {
      where = path;
      assert.equal(await readFile(path, "utf8"), SECRET);
      assert.equal((await stat(path)).mode & 0o777, 0o600);
      throw new Error("the caller failed");
    }),
    /the caller failed/,
  );
  await assert.rejects(stat(where), { code: "ENOENT" });
  assert.deepEqual(await entriesOf(t), ["evidence.taken", "evidence.unsealed"]);
  await assert.rejects(
    withUnsealed(t.ctx, { incident: "inc", key: "log", why: "x" }, async () => {}),
    { code: "not_found" },
  );
});

test("evidence of many chunks streams out as it went in", async () => {
  await using t = await testContext();
  const content = Buffer.alloc(300_001, "abcdefg,");
  await taken(t, content);
  const { stream } = await unsealedStream(t.ctx, { incident: "inc", key: "dump", why: "test" });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  assert.ok(Buffer.concat(chunks).equals(content));
});

test("a changed, cut or missing sealed file is found and named", async () => {
  await using t = await testContext();
  const { sha256 } = await taken(t, Buffer.alloc(200_000, "x"));
  const evidence = await listEvidence(t.ctx, "inc");
  const wholeness = async () => (await verifyEvidence(t.ctx, evidence)).map((one) => one.whole);
  assert.deepEqual(await wholeness(), [true]);
  const path = sealedPath(t.ctx.folder, sha256);
  const sealed = await readFile(path);
  const flipped = Buffer.from(sealed);
  flipped[150_000] = (flipped[150_000] ?? 0) ^ 1;
  for (const bad of [
    flipped,
    sealed.subarray(0, 140_000),
    sealed.subarray(0, 20),
    Buffer.from("no age"),
  ]) {
    await writeFile(path, bad);
    assert.deepEqual(await wholeness(), [false]);
    await assert.rejects(
      withUnsealed(t.ctx, { incident: "inc", key: "dump", why: "x" }, async () => {}),
      { code: "invalid" },
    );
  }
  await chmod(path, 0o600);
  await rm(path);
  const [lost] = await verifyEvidence(t.ctx, evidence);
  assert.match(lost?.problem ?? "", /no file/);
});

test("what a crash left in the clear is removed at start, what a live process uses is not", async () => {
  await using t = await testContext();
  await using mine = await privateFolder(t.ctx.folder);
  const tmp = join(t.ctx.folder.data, "tmp");
  const dead = "private-999999999-00000000-0000-0000-0000-000000000000";
  await mkdir(join(tmp, dead));
  await writeFile(join(tmp, dead, "evidence"), SECRET);
  assert.equal(await removeLeftovers(t.ctx.folder), 1);
  assert.deepEqual(await readdir(tmp), [mine.path.split("/").at(-1)]);
});

test("a payload for workers opens with the key for work, and not when altered", async () => {
  await using t = await testContext();
  const sealed = await sealForWork(t.ctx, '{"a":"ghp_x"}');
  assert.ok(!Buffer.from(sealed).includes("ghp_x"));
  assert.equal(await unsealForWork(t.ctx, sealed), '{"a":"ghp_x"}');
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
  await assert.rejects(unsealForWork(t.ctx, sealed), { code: "invalid" });
});

test("what was taken stays taken when its file is gone", async () => {
  await using t = await testContext();
  const { sha256 } = await taken(t);
  await rm(join(t.dir, "dump.csv"));
  const input = {
    incident: "inc",
    key: "dump",
    path: join(t.dir, "dump.csv"),
    kind: "records",
  } as const;
  assert.deepEqual(await addEvidence(t.ctx, input), { sha256, bytes: SECRET.length, fresh: false });
});

test("a full disk is said as one, and is not tried again by itself", () => {
  const full = asDiskFailure(Object.assign(new Error("write"), { code: "ENOSPC" }), "dump.csv");
  assert.ok(full instanceof TocsinError);
  assert.deepEqual([full.code, full.retryable], ["unavailable", false]);
  assert.match(full.message, /the disk is full/);
});
