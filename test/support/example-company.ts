// Example Cloud's database alone, small, on the tests' own Postgres.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type postgres from "postgres";
import { postgresOptions } from "../../src/db/postgres-address.ts";
import { connectPostgres } from "../../src/db/postgres-driver.ts";
import { type LeakSizes, leakSizes } from "../../src/drills/example-cloud/leak.sql.ts";
import { makeBreach } from "../../src/drills/example-cloud/make-breach.ts";
import { makeCustomers } from "../../src/drills/example-cloud/make-customers.ts";
import { testContext } from "./context.ts";

export type ExampleCompany = AsyncDisposable & {
  readonly sql: postgres.Sql;
  /** Empty but for `leak/`. */
  readonly dir: string;
  readonly size: LeakSizes;
};

/** 3,000 customers, about 150 of them leaked. */
export async function exampleCompany(seed = 7): Promise<ExampleCompany> {
  await using opened = new AsyncDisposableStack();
  const t = opened.use(await testContext());
  const database = `company_${randomBytes(6).toString("hex")}`;
  const options = { ...postgresOptions(t.databaseUrl), onnotice: () => {} };
  const admin = connectPostgres({ ...options, max: 1 });
  opened.defer(async () => await admin.end());
  await admin.unsafe(`create database ${database}`);
  opened.defer(async () => void (await admin.unsafe(`drop database ${database} with (force)`)));
  const sql = connectPostgres({ ...options, database, max: 3 });
  opened.defer(async () => await sql.end({ timeout: 1 }));
  const size = leakSizes(3_000 / 3_800_000);
  await makeCustomers(sql, { seed, customers: 3_000 });
  await makeBreach(sql, { seed, size, folder: join(t.dir, "leak") });
  const held = opened.move();
  return { sql, dir: t.dir, size, [Symbol.asyncDispose]: async () => await held.disposeAsync() };
}
