// One look at what has arrived: batches that follow on those that were looked at, in their order. The position moves in the transaction that
// writes what they held; crash before it, and the next look finds the same again.
import { z } from "zod";
import { TocsinError } from "../../core/errors.ts";
import type { Click } from "../../db/click.ts";
import type { Context } from "../../db/context.ts";
import { write } from "../../ledger/write.ts";
import { type Found, type Stored, storeFindings } from "../findings/store-findings.ts";

export type Batch = {
  readonly batch: number;
  readonly stream: string;
  readonly records: number;
  /** Its events from before this are too late for correlations. ISO 8601. */
  readonly edge: string;
};

export type Round = {
  /** Looked at already: up to and with this one. */
  readonly after: number;
  readonly upTo: number;
  /** In order, at least one. */
  readonly batches: readonly Batch[];
};

/** What one look takes at most: beyond it, the rest is for the next. */
const MOST_RECORDS = 50_000;
const MOST_BATCHES = 500;

const Row = z.object({
  batch: z.coerce.number(),
  stream: z.string(),
  records: z.number(),
  arrived_at: z.date(),
});

/** Undefined where nothing has arrived. A batch that is still being written holds back those after it. */
export async function nextRound(ctx: Context, allowanceMs: number): Promise<Round | undefined> {
  const [position] = await ctx.db.read<{ batch: string }[]>`select batch from detect_position`;
  const after = Number(position?.batch ?? 0);
  const rows = await ctx.db.read`
    select batch, stream, records, arrived_at from ingest_batches
    where state = 'taken' and batch > ${after}
      and batch < coalesce((select min(batch) from ingest_batches where state = 'writing'), 9223372036854775807)
    order by batch limit ${MOST_BATCHES}`;
  const batches: Batch[] = [];
  let records = 0;
  for (const row of rows.map((one) => Row.parse(one))) {
    if (batches.length > 0 && records + row.records > MOST_RECORDS) break;
    records += row.records;
    const edge = new Date(row.arrived_at.getTime() - allowanceMs).toISOString();
    batches.push({ batch: row.batch, stream: row.stream, records: row.records, edge });
  }
  const last = batches.at(-1);
  return last && { after, upTo: last.batch, batches };
}

/** Events of each stream that came later than the allowance: they stay, and correlations do without them. */
export async function countTooLate(
  click: Click,
  { batches, after, upTo }: Round,
): Promise<ReadonlyMap<string, number>> {
  const rows = await click.query(
    z.object({ stream: z.string(), late: z.number() }),
    `select toString(source) as stream, count() as late from events
     where source in {streams:Array(String)} and batch > {after:UInt64} and batch <= {upTo:UInt64} and time_known
       and time < {edges:Array(DateTime64(6))}[indexOf({batches:Array(UInt64)}, batch)]
     group by source`,
    {
      streams: [...new Set(batches.map(({ stream }) => stream))],
      after,
      upTo,
      batches: batches.map(({ batch }) => batch),
      edges: batches.map(({ edge }) => edge.replace("T", " ").replace("Z", "")),
    },
  );
  return new Map(rows.map(({ stream, late }) => [stream, late]));
}

export type Looked = {
  readonly round: Round;
  readonly findings: readonly Found[];
  readonly tooLate: ReadonlyMap<string, number>;
};

/** @throws TocsinError `conflict` where another process has looked at them meanwhile: nothing was written */
export async function endRound(
  ctx: Context,
  { round, findings, tooLate }: Looked,
): Promise<Stored> {
  const { after, upTo } = round;
  return await write(ctx, { scope: "findings:write", repeatable: true }, async (tx) => {
    const moved = await tx`
      update detect_position set batch = ${upTo} where batch = ${after} returning batch`;
    if (moved.length === 0)
      throw new TocsinError("conflict", `batches after ${after} are looked at by another process`);
    for (const [stream, late] of tooLate)
      await tx`update ingest_streams set too_late = too_late + ${late} where name = ${stream}`;
    const stored = await storeFindings(tx, ctx, { findings });
    const { opened, grown, suppressed } = stored;
    const nothing = opened.length === 0 && grown.length === 0 && suppressed === 0;
    const body = { after, upTo, opened: [...opened], grown: [...grown], suppressed };
    return { result: stored, entry: nothing ? [] : { kind: "findings.found", body } };
  });
}
