import { z } from "zod";
import { Name } from "../config/words.ts";
import { TocsinError } from "../core/errors.ts";
import { parse, rowsOf } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { Activity } from "./activity.ts";

export const ListActivityInput = z.strictObject({
  incident: Name.optional().describe("only searches for this incident"),
});

const MOST = 100;
const iso = z.date().transform((at) => at.toISOString());
const Listed = z.object({
  id: z.string(),
  at: iso,
  by: z.string(),
  incident: z.string().nullable(),
  from: iso,
  to: iso,
  verdict: z.string(),
});
export type ActivityListed = z.output<typeof Listed>;

/** Searches for activity that were made, the newest hundred: when, by whom, and what came of them; nobody's name. */
export async function listActivity(
  ctx: Context,
  input: z.input<typeof ListActivityInput>,
): Promise<ActivityListed[]> {
  requireScope(ctx.actor, "events:read");
  const { incident } = parse(ListActivityInput, input);
  const sql = ctx.db.read;
  const rows = await sql`
    select id, incident, span_from as "from", span_to as "to", verdict, searched_at as at, searched_by as by from activity_searches
    where ${incident === undefined ? sql`true` : sql`incident = ${incident}`}
    order by searched_at desc, id limit ${MOST}`;
  return rowsOf(Listed, rows);
}

const Kept = z.object({ incident: z.string().nullable(), result: z.string() });

export const ShowActivityInput = z.strictObject({ id: z.uuid() });

/** One search as it was kept. Personal data: that somebody looked is in the ledger. */
export async function showActivity(
  ctx: Context,
  input: z.input<typeof ShowActivityInput>,
): Promise<Activity> {
  requireScope(ctx.actor, "events:read");
  const { id } = parse(ShowActivityInput, input);
  const [row] = await ctx.db.read`select incident, result from activity_searches where id = ${id}`;
  if (!row) throw new TocsinError("not_found", `there is no search ${id}: tocsin activity`);
  const { incident, result } = Kept.parse(row);
  await write(ctx, "events:read", async () => ({
    result: undefined,
    entry: {
      kind: "activity.read",
      ...(incident === null ? {} : { incident }),
      body: { search: id },
    },
  }));
  return Activity.parse(JSON.parse(result));
}
