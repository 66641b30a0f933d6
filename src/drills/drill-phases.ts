// How long each phase took, read where it had its effect: in Example Cloud's stores and mailboxes.
import type postgres from "postgres";
import type { Phase } from "./drill-result.ts";
import { GITHUB_TIMES_FASTER } from "./example-cloud/example-cloud.ts";
import { HASHED, TOKENS } from "./expected.sql.ts";

export type Times = {
  readonly arrivedAt: Date;
  readonly listedAt: Date;
  readonly containedFrom: Date;
  readonly notifyFrom: Date;
  readonly secondFrom: Date;
  readonly secondTo: Date;
  /** When the sinks took the first wave's last message. */
  readonly lastNoticeAt: Date | undefined;
};

/** Each with what keeps it from being quicker. */
export async function phasesOf(sql: postgres.Sql, at: Times): Promise<Phase[]> {
  const before = `'${at.secondFrom.toISOString()}'`;
  const [last] = await sql.unsafe<
    { password: Date | null; token: Date | null; build: Date | null }[]
  >(`
    select (select max(changed_at) from accounts where id in (${HASHED}) and changed_at < ${before}) as password,
      (select max(revoked_at) from github.token where digest in (${TOKENS}) and revoked_at < ${before}) as token,
      (select max(unlinked_at) from builds where unlinked_at < ${before}) as build`);
  return [
    phase(
      "dump to list of people",
      [at.arrivedAt, at.listedAt],
      "the dump is sealed, then read for its columns and its rows",
    ),
    phase(
      "approved plan to last password invalid",
      [at.containedFrom, last?.password],
      "1,000 accounts a statement, each batch read back",
    ),
    phase(
      "… to last GitHub token dead",
      [at.containedFrom, last?.token],
      `GitHub: 60 requests an hour, its clock × ${GITHUB_TIMES_FASTER}`,
    ),
    phase(
      "… to last build unlinked",
      [at.containedFrom, last?.build],
      "waits for the tokens; 500 accounts a request, each read back",
    ),
    phase(
      "last notice of the first wave",
      [at.notifyFrom, at.lastNoticeAt],
      "one SMTP conversation and one ledger line a message",
    ),
    phase(
      "dump to last notice of the first wave",
      [at.arrivedAt, at.lastNoticeAt],
      "all of the above; people's own time is not in it",
    ),
    phase(
      "second wave and corrections",
      [at.secondFrom, at.secondTo],
      "everything is planned over all exposures again",
    ),
  ];
}

function phase(
  name: string,
  [from, to]: readonly [Date, Date | null | undefined],
  limit: string,
): Phase {
  const ms = to ? Math.max(0, to.getTime() - from.getTime()) : 0;
  return { name, seconds: Math.round(ms / 100) / 10, limit };
}
