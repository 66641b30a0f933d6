import { z } from "zod";
import { TocsinError } from "../../core/errors.ts";
import { parse } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { write } from "../../ledger/write.ts";
import { FindingRow, findingColumns } from "./finding-row.ts";

export const ShowFindingInput = z.strictObject({
  uid: z
    .string()
    .regex(/^[0-9a-f]{6,64}$/, "write the finding's uid, or at least its first six characters"),
});

export type FindingShown = FindingRow & {
  /** The events that it names, in order of time, as far as they are still there. A line is cut at 4,000 characters. */
  readonly lines: readonly FindingLine[];
};

export type FindingLine = {
  readonly source: string;
  readonly place: number;
  readonly time: string;
  readonly raw: string;
};

/** A finding with its events' own lines. They tell what people did: each look is in the ledger. */
export async function showFinding(
  ctx: Context,
  input: z.input<typeof ShowFindingInput>,
): Promise<FindingShown> {
  requireScope(ctx.actor, "events:read");
  const { uid } = parse(ShowFindingInput, input);
  const finding = await findingOfUid(ctx, uid);
  const lines = await linesOf(ctx, finding);
  await write(ctx, "events:read", async () => ({
    result: undefined,
    entry: {
      kind: "finding.read",
      ...(finding.incident === null ? {} : { incident: finding.incident }),
      body: { finding: finding.uid, events: lines.length },
    },
  }));
  return { ...finding, lines };
}

/** By its uid, or the beginning of it. @throws TocsinError `not_found`, `invalid` where several begin so */
export async function findingOfUid(ctx: Context, uid: string): Promise<FindingRow> {
  const sql = ctx.db.read;
  const rows = await sql`
    select ${findingColumns(sql)} from findings where starts_with(uid, ${uid}) order by uid limit 2`;
  const [row, other] = rows;
  if (!row) throw new TocsinError("not_found", `there is no finding ${uid}: tocsin findings`);
  if (other && row["uid"] !== uid)
    throw new TocsinError("invalid", `several findings begin with ${uid}: write more of it`);
  return FindingRow.parse(row);
}

const Line = z.object({ source: z.string(), place: z.number(), time: z.string(), raw: z.string() });

async function linesOf(ctx: Context, { events }: FindingRow): Promise<FindingLine[]> {
  if (events.length === 0) return [];
  const bySource = Map.groupBy(events, ({ source }) => source);
  const click = await ctx.click();
  const lines: FindingLine[] = [];
  for (const [source, places] of bySource) {
    lines.push(
      ...(await click.query(
        Line,
        `select toString(source) as source, place, time, substringUTF8(raw, 1, 4000) as raw from events
         where source = {source:String} and place in {places:Array(UInt64)} order by time, place limit 100`,
        { source, places: places.map(({ place }) => place) },
      )),
    );
  }
  return lines.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.place - b.place));
}
