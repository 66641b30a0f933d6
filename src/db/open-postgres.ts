import type postgres from "postgres";
import { connectPostgres } from "./postgres-driver.ts";
import { TocsinError } from "../core/errors.ts";
import { postgresOptions } from "./postgres-address.ts";
import type { Postgres } from "./postgres.ts";

export type PoolsInput = {
  readonly address: string;
  /** Connections of each of the two pools. */
  readonly connections?: number;
  /** Shown in pg_stat_activity, after `tocsin`. */
  readonly who?: string;
};

const OLDEST_SERVER = 16_00_00;

/**
 * Two pools on one database, both in UTC. The read pool's sessions are read only by the database's own rule. The write
 * pool plans generically: statements of `work` are prepared while their tables are empty, and custom plans for each
 * call cost more than they save. int8 and numeric arrive as text, for they may not fit a number.
 * @throws TocsinError `unavailable` where nothing answers, `incompatible` where it is older than Postgres 16
 */
export async function openPools({
  address,
  connections = 8,
  who = "",
}: PoolsInput): Promise<Postgres> {
  const common = {
    ...postgresOptions(address),
    max: connections,
    idle_timeout: 60,
    connect_timeout: 10,
    onnotice: () => {},
  } satisfies postgres.Options<Record<string, never>>;
  const application_name = `tocsin ${who}`.trim();
  const session = { application_name, TimeZone: "UTC" };
  const read = connectPostgres({
    ...common,
    connection: { ...session, default_transaction_read_only: true },
  });
  const write = connectPostgres({
    ...common,
    connection: { ...session, plan_cache_mode: "force_generic_plan" },
  });
  const close = async (): Promise<void> => {
    await Promise.all([read.end({ timeout: 5 }), write.end({ timeout: 5 })]);
  };
  try {
    await refuseOld(read);
  } catch (error) {
    await close();
    throw asUnavailable(error);
  }
  return { read, write, close };
}

async function refuseOld(read: postgres.Sql): Promise<void> {
  const [row] = await read<
    { version: number }[]
  >`select current_setting('server_version_num')::int as version`;
  if (row && row.version < OLDEST_SERVER) {
    throw new TocsinError(
      "incompatible",
      `postgres ${Math.floor(row.version / 10_000)} is too old: use 16 or newer`,
    );
  }
}

function asUnavailable(error: unknown): unknown {
  if (error instanceof TocsinError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new TocsinError("unavailable", `postgres does not answer: ${why}`, { cause: error });
}
