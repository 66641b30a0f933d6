import { z } from "zod";
import { parse } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";

export const StreamFiguresInput = z.strictObject({});

const Row = z.object({
  stream: z.string(),
  records: z.coerce.number(),
  rejected: z.coerce.number(),
  tooLate: z.coerce.number(),
  lastAt: z
    .date()
    .nullable()
    .transform((at) => at?.toISOString() ?? null),
});
export type StreamFigures = z.output<typeof Row>;

/** Each stream that ever took a record over HTTP. */
export async function streamFigures(
  ctx: Context,
  input: z.input<typeof StreamFiguresInput>,
): Promise<StreamFigures[]> {
  requireScope(ctx.actor, "findings:read");
  parse(StreamFiguresInput, input);
  const rows = await ctx.db.read`
    select name as stream, records, rejected, too_late as "tooLate", last_at as "lastAt" from ingest_streams order by name`;
  return rows.map((row) => Row.parse(row));
}
