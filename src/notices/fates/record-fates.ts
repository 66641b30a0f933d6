// What became of notices after the provider had taken them. The outcome of the work stays: this stands beside it.
import type { Tx } from "../../db/postgres.ts";
import type { Bounce, Fate } from "../../mail/bounces/bounce.ts";

export type FateReport = {
  readonly run: string;
  readonly step: number;
  readonly key: string;
  readonly incident: string;
  readonly kind: "bounce" | "complaint" | "auto-reply";
  readonly bounce: Bounce;
};

/**
 * Puts reports beside their notices. What is worse for the person counts, whatever order it comes in: somebody who is told twice is
 * better off than somebody who is not told.
 */
export async function recordFates(tx: Tx, reports: readonly FateReport[], at: Date): Promise<void> {
  if (reports.length === 0) return;
  const worse = tx`${rank(tx, tx`excluded.fate`)} >= ${rank(tx, tx`notice_fates.fate`)}`;
  const kept = (column: string) =>
    tx`${tx(column)} = case when ${worse} then excluded.${tx(column)} else notice_fates.${tx(column)} end`;
  await tx`
    insert into notice_fates (run, step, key, incident, fate, hard, reason, status, reply, complained, answered, reports, first_at, last_at)
    select run, step, key, incident, fate, hard, reason, status, reply, complained, answered, reports, ${at}, ${at}
    from jsonb_to_recordset(${tx.json(foldedRows(reports))}) as f(run uuid, step smallint, key text, incident text, fate text, hard boolean,
      reason text, status text, reply text, complained boolean, answered boolean, reports int)
    on conflict (run, step, key) do update set ${kept("fate")}, ${kept("hard")}, ${kept("reason")}, ${kept("status")}, ${kept("reply")},
      complained = notice_fates.complained or excluded.complained, answered = notice_fates.answered or excluded.answered,
      reports = notice_fates.reports + excluded.reports, last_at = greatest(notice_fates.last_at, excluded.last_at)`;
}

type FateRow = {
  readonly run: string;
  readonly step: number;
  readonly key: string;
  readonly incident: string;
  readonly fate: Fate;
  readonly hard: boolean;
  readonly reason: string | null;
  readonly status: string | null;
  readonly reply: string | null;
  readonly complained: boolean;
  readonly answered: boolean;
  readonly reports: number;
};

// One statement can touch a row once.
function foldedRows(reports: readonly FateReport[]): FateRow[] {
  const rows = new Map<string, FateRow>();
  for (const report of reports) {
    const row = rowOf(report);
    const name = `${row.run}/${row.step}/${row.key}`;
    const before = rows.get(name);
    rows.set(name, before ? folded(before, row) : row);
  }
  return [...rows.values()];
}

function rowOf({ run, step, key, incident, kind, bounce }: FateReport): FateRow {
  const { fate, hard, reason, status, reply } = bounce;
  const said = kind === "bounce" ? { fate, hard, reason, status, reply } : ARRIVED;
  const own = { run, step, key, incident, reports: 1 };
  return { ...own, ...said, complained: kind === "complaint", answered: kind === "auto-reply" };
}

function folded(before: FateRow, row: FateRow): FateRow {
  const worse = RANKS[row.fate] >= RANKS[before.fate] ? row : before;
  return {
    ...worse,
    complained: before.complained || row.complained,
    answered: before.answered || row.answered,
    reports: before.reports + row.reports,
  };
}

/** Whoever complains of a message, or whose machine answers it, has it. */
const ARRIVED = {
  fate: "delivered",
  hard: false,
  reason: null,
  status: null,
  reply: null,
} as const;

const RANKS = {
  deferred: 0,
  delivered: 1,
  refused: 2,
  unreachable: 3,
} as const satisfies Record<Fate, number>;

function rank(tx: Tx, fate: ReturnType<Tx>) {
  return tx`case ${fate} when 'deferred' then ${RANKS.deferred}::int when 'delivered' then ${RANKS.delivered}::int
    when 'refused' then ${RANKS.refused}::int when 'unreachable' then ${RANKS.unreachable}::int else -1 end`;
}

/** Of a report about several recipients the one that is about this notice: its own address, else the worst. */
export function bounceFor(bounces: readonly Bounce[], address: string): Bounce | undefined {
  const own = bounces.find(({ recipient }) => recipient === address.toLowerCase());
  return own ?? bounces.toSorted((a, b) => RANKS[b.fate] - RANKS[a.fate])[0];
}
