import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../../test/support/context.ts";
import { TocsinError } from "../core/errors.ts";
import { migratePostgres } from "./migrate.ts";
import { knownMigrations, type Migration } from "./migrations.ts";

const isIncompatible = (error: unknown): boolean =>
  error instanceof TocsinError && error.code === "incompatible";

function migration(number: number, sql: string): Migration {
  return { number, name: `${String(number).padStart(6, "0")}_test`, sql, digest: sql };
}

test("a schema newer than the program is refused", async () => {
  await using t = await testContext();
  const older = knownMigrations("postgres").slice(0, -1);
  await assert.rejects(migratePostgres(t.ctx.db, older), isIncompatible);
});

test("a migration that was changed after it ran is refused", async () => {
  await using t = await testContext();
  const changed = knownMigrations("postgres").map((one) => ({ ...one, digest: `${one.digest}0` }));
  await assert.rejects(migratePostgres(t.ctx.db, changed), isIncompatible);
});

test("a migration that fails leaves nothing of itself, and the next start tries it again", async () => {
  await using t = await testContext();
  const known = knownMigrations("postgres");
  const broken = [...known, migration(900_000, "create table half (n int); select 1 / 0;")];
  await assert.rejects(migratePostgres(t.ctx.db, broken), { code: "22012" });
  const whole = [...known, migration(900_000, "create table half (n int);")];
  await migratePostgres(t.ctx.db, whole);
  const [row] = await t.ctx.db.read<{ n: string }[]>`select count(*) as n from half`;
  assert.equal(row?.n, "0");
});

test("programs that start at the same time migrate once", async () => {
  await using t = await testContext();
  const more = [...knownMigrations("postgres"), migration(900_000, "create table once (n int);")];
  await Promise.all([1, 2, 3].map(async () => await migratePostgres(t.ctx.db, more)));
  const [row] = await t.ctx.db.read<{ n: string }[]>`
    select count(*) as n from schema_migrations where number = 900000`;
  assert.equal(row?.n, "1");
});
