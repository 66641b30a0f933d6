import assert from "node:assert/strict";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Context } from "../db/context.ts";
import { testContext } from "../../test/support/context.ts";
import { checkpointLedger } from "./checkpoint-ledger.ts";
import { openCheckpoint } from "./checkpoint-note.ts";
import { ADDRESS, fill } from "../../test/support/fill-ledger.ts";
import { eraseSubject } from "./erase-subject.ts";
import { exportLedger, verifyExport } from "./export-ledger.ts";
import { ledgerFolder } from "./ledger-key.ts";
import { openRequest } from "./request-key.ts";
import { LedgerProof } from "./proof.ts";
import { prove, proveConsistency } from "./prove.ts";
import { sequenceLedger } from "./sequence-ledger.ts";
import { showLedger } from "./show-ledger.ts";
import { parseVerifier } from "./signed-note.ts";
import { verifyConsistencyProof, verifyProof } from "./verify-proof.ts";
import { verifyLedger } from "./verify-ledger.ts";

const publicKey = async (ctx: Context): Promise<string> =>
  await readFile(join(ledgerFolder(ctx), "key.pub"), "utf8");

test("what was written is placed, signed, and verifies; nothing waits", async () => {
  await using t = await testContext();
  await fill(t.ctx);
  assert.equal((await verifyLedger(t.ctx)).waiting, 6);
  assert.deepEqual(await sequenceLedger(t.ctx), { placed: 6, size: 6 });
  const { size, note } = await checkpointLedger(t.ctx);
  assert.equal(size, 6);
  assert.match(
    note,
    /^example\.cloud\/tocsin\n6\n[A-Za-z0-9+/]{43}=\n\n— example\.cloud\/tocsin [A-Za-z0-9+/]{91}=\n$/,
  );
  const { problems, ...found } = await verifyLedger(t.ctx);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    { ...found, root: "" },
    {
      ok: true,
      size: 6,
      root: "",
      members: 7,
      erased: 0,
      checkpoints: 2,
      signedSize: 6,
      signaturesChecked: true,
      waiting: 0,
      problemCount: 0,
    },
  );
  assert.equal((await stat(join(ledgerFolder(t.ctx), "key"))).mode & 0o777, 0o600);
});

test("an unchanged ledger is not signed twice, a grown one is", async () => {
  await using t = await testContext();
  await fill(t.ctx);
  const first = await checkpointLedger(t.ctx);
  assert.deepEqual(await checkpointLedger(t.ctx), first);
  await fill(t.ctx, { notes: 1 });
  assert.equal((await checkpointLedger(t.ctx)).size, 8);
});

test("answers to repeated requests are kept for a week", async () => {
  await using t = await testContext();
  const ctx = { ...t.ctx, requestKey: openRequest("k", "fill", null) };
  await fill(ctx, { notes: 1 });
  const kept = async (): Promise<number> =>
    (await t.ctx.db.read`select key from ledger_answers`).length;
  t.ctx.clock.advance(6 * 86_400_000);
  await checkpointLedger(t.ctx);
  assert.equal(await kept(), 2);
  t.ctx.clock.advance(2 * 86_400_000);
  await checkpointLedger(t.ctx);
  assert.equal(await kept(), 0);
});

test("many sequencers and writers at once give every entry one place", async () => {
  await using t = await testContext();
  await Promise.all([
    ...Array.from({ length: 12 }, () => fill(t.ctx, { notes: 3, members: 2 })),
    ...Array.from({ length: 8 }, () => sequenceLedger(t.ctx)),
  ]);
  await checkpointLedger(t.ctx);
  const found = await verifyLedger(t.ctx);
  assert.deepEqual(
    { ok: found.ok, size: found.size, waiting: found.waiting },
    { ok: true, size: 48, waiting: 0 },
  );
});

test("an entry is proven by its proof and the public key alone", async () => {
  await using t = await testContext();
  await fill(t.ctx);
  const proof = await prove(t.ctx, { entry: "3" });
  const key = await publicKey(t.ctx);
  assert.deepEqual(verifyProof(JSON.parse(JSON.stringify(proof)), key), { ok: true, size: 7 });
  assert.deepEqual(proof.opening?.body, { says: `2 about ${ADDRESS}` });
  const lies = [
    { ...proof, leaf: { ...proof.leaf, actor: "somebody" } },
    { ...proof, index: proof.index + 1 },
    { ...proof, path: proof.path.toReversed() },
    { ...proof, opening: { ...proof.opening, body: { says: "nothing" } } },
    { ...proof, checkpoint: proof.checkpoint.replace("\n7\n", "\n8\n") },
    {},
  ];
  for (const lie of lies) assert.equal(verifyProof(lie, key).ok, false);
});

test("every member of a batch is proven, and no other body in its place", async () => {
  await using t = await testContext();
  const entry = await fill(t.ctx, { members: 9 });
  for (const n of [0, 4, 8]) {
    const proof = await prove(t.ctx, { incident: "hub", member: `r/1/${n}` });
    assert.equal(proof.entry, entry);
    assert.ok(verifyProof(proof, await publicKey(t.ctx)).ok);
    assert.deepEqual(proof.member?.body, { key: `${n}`, to: ADDRESS, state: "done" });
    const lie = LedgerProof.parse({
      ...proof,
      member: { ...proof.member, body: { state: "refused" } },
    });
    assert.equal(verifyProof(lie, await publicKey(t.ctx)).ok, false);
  }
  await assert.rejects(prove(t.ctx, { incident: "hub", member: "r/1/9" }), { code: "not_found" });
});

test("another ledger's key opens nothing", async () => {
  await using t = await testContext();
  await using other = await testContext();
  await fill(t.ctx);
  await fill(other.ctx);
  await checkpointLedger(other.ctx);
  const proof = await prove(t.ctx, { entry: "1" });
  assert.deepEqual(verifyProof(proof, await publicKey(other.ctx)), {
    ok: false,
    because: "its checkpoint was not signed by this key",
  });
});

test("a later ledger is proven to continue an earlier checkpoint", async () => {
  await using t = await testContext();
  await fill(t.ctx);
  const { note } = await checkpointLedger(t.ctx);
  await fill(t.ctx, { notes: 9 });
  const proof = await proveConsistency(t.ctx, { older: note });
  const key = await publicKey(t.ctx);
  assert.deepEqual(verifyConsistencyProof(proof, key), { ok: true, size: 16 });
  assert.equal(verifyConsistencyProof({ ...proof, path: proof.path.slice(1) }, key).ok, false);
  assert.equal(openCheckpoint(note, parseVerifier(key))?.size, 6);
});

test("an erased person is in no table any more, the ledger verifies, and the erasure is an entry", async () => {
  await using t = await testContext();
  const batch = await fill(t.ctx, { notes: 1, members: 3 });
  const members = [{ incident: "hub", member: "r/1/1" }];
  const done = await eraseSubject(t.ctx, {
    entries: ["1"],
    members,
    because: "article 17, ticket 7",
  });
  assert.deepEqual({ bodies: done.bodies, members: done.members }, { bodies: 1, members: 1 });
  await checkpointLedger(t.ctx);
  const found = await verifyLedger(t.ctx);
  assert.deepEqual(
    { ok: found.ok, erased: found.erased, problems: found.problems },
    { ok: true, erased: 2, problems: [] },
  );
  const [row] = await t.ctx.db.read<
    { members: string }[]
  >`select members from ledger_batches where entry = ${batch}`;
  const kept: unknown[] = JSON.parse(row?.members ?? "");
  assert.equal(kept[1], null);
  assert.equal(JSON.stringify(kept).split(ADDRESS).length - 1, 2);
  assert.equal((await showLedger(t.ctx, {}))[0]?.body, null);
  await assert.rejects(prove(t.ctx, { incident: "hub", member: "r/1/1" }), { code: "not_found" });
  assert.ok(
    verifyProof(await prove(t.ctx, { incident: "hub", member: "r/1/2" }), await publicKey(t.ctx))
      .ok,
  );
  assert.ok(verifyProof(await prove(t.ctx, { entry: "1" }), await publicKey(t.ctx)).ok);
  await assert.rejects(eraseSubject(t.ctx, { members, because: "again" }), { code: "not_found" });
  await assert.rejects(eraseSubject(t.ctx, { entries: [done.entry], because: "hide" }), {
    code: "not_found",
  });
  await assert.rejects(eraseSubject(t.ctx, { entries: [batch], because: "hide" }), {
    code: "not_found",
  });
});

test("an erasure that fails half way erases nothing", async () => {
  await using t = await testContext();
  await fill(t.ctx, { notes: 1 });
  await assert.rejects(eraseSubject(t.ctx, { entries: ["1", "99"], because: "x" }), {
    code: "not_found",
  });
  assert.notEqual((await showLedger(t.ctx, {}))[0]?.body, null);
});

test("the ledger is shown in pages, by incident, and the reading is in it", async () => {
  await using t = await testContext();
  await fill(t.ctx, { notes: 3 });
  const page = await showLedger(t.ctx, { incident: "hub", limit: 2 });
  assert.deepEqual(
    page.map(({ entry, kind }) => [entry, kind]),
    [
      ["1", "note.written"],
      ["2", "note.written"],
    ],
  );
  const rest = await showLedger(t.ctx, { after: page.at(-1)?.entry });
  assert.deepEqual(
    rest.map(({ kind, members }) => [kind, members]),
    [
      ["note.written", null],
      ["outcomes.recorded", 7],
      ["ledger.read", null],
    ],
  );
  assert.deepEqual(await showLedger(t.ctx, { incident: "other" }), []);
});

test("an export verifies with the public key alone, and tells what was changed in it", async () => {
  await using t = await testContext();
  await fill(t.ctx);
  await checkpointLedger(t.ctx);
  const lines: string[] = [];
  await exportLedger(t.ctx, async (line) => void lines.push(line));
  const check = async (text: readonly string[]): Promise<unknown> => {
    const found = await verifyExport(
      (async function* () {
        yield* text;
      })(),
      await publicKey(t.ctx),
    );
    return found.problems.map(({ what, entry }) => [what, entry]);
  };
  assert.deepEqual(await check(lines), []);
  assert.deepEqual(await check(lines.map((line) => line.replace("2 about", "3 about"))), [
    ["body-changed", "3"],
  ]);
  assert.deepEqual(
    await check(lines.slice(0, -1)),
    [["truncated", undefined]].concat([["truncated", undefined]]),
  );
  await assert.rejects(check(["{}"]), { code: "invalid" });
});

test("the tables refuse changes, deletions and truncation, also from the writing role", async () => {
  await using t = await testContext();
  await fill(t.ctx, { notes: 1 });
  await checkpointLedger(t.ctx);
  const sql = t.ctx.db.write;
  const forbidden = [
    "update ledger_entries set actor = 'x'",
    "delete from ledger_entries",
    "update ledger_bodies set body = '{}'",
    "delete from ledger_bodies",
    "update ledger_batches set members = '[]'",
    "delete from ledger_batches",
    "update ledger_nodes set level = level",
    "delete from ledger_places",
    "delete from ledger_checkpoints",
    "truncate ledger_entries cascade",
    "truncate ledger_batches",
    "truncate ledger_checkpoints",
  ];
  for (const statement of forbidden)
    await assert.rejects(sql.unsafe(statement), { code: "42501" }, statement);
});

test("a line of the checkpoint file that a crash cut short spoils nothing but itself, and is told", async () => {
  await using t = await testContext();
  await fill(t.ctx);
  await checkpointLedger(t.ctx);
  const path = join(ledgerFolder(t.ctx), "checkpoints.ndjson");
  await writeFile(path, `${await readFile(path, "utf8")}{"at":"2026`);
  await fill(t.ctx, { notes: 1 });
  await checkpointLedger(t.ctx);
  const found = await verifyLedger(t.ctx);
  assert.deepEqual([found.ok, found.checkpoints, found.problems.length], [false, 4, 1]);
});

test("without the key the tree is verified and the signatures are said to be unchecked", async () => {
  await using t = await testContext();
  await fill(t.ctx);
  await checkpointLedger(t.ctx);
  await rm(ledgerFolder(t.ctx), { recursive: true });
  const found = await verifyLedger(t.ctx);
  assert.deepEqual([found.ok, found.signaturesChecked, found.signedSize], [true, false, 6]);
});

test("every verb of the ledger is refused without its scope", async () => {
  await using t = await testContext();
  const ctx = { ...t.ctx, actor: { ...t.ctx.actor, scopes: new Set<never>() } };
  const verbs = [
    () => verifyLedger(ctx),
    () => checkpointLedger(ctx),
    () => prove(ctx, { entry: "1" }),
    () => showLedger(ctx, {}),
    () => eraseSubject(ctx, { entries: ["1"], because: "x" }),
    () => exportLedger(ctx, () => Promise.resolve()),
    () => proveConsistency(ctx, { older: "" }),
  ];
  for (const verb of verbs)
    await assert.rejects(verb(), { name: "TocsinError", code: "forbidden" });
});
