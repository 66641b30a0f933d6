import { z } from "zod";
import { TocsinError } from "../../core/errors.ts";
import { parse } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";

export const ListBrokenInput = z.strictObject({
  source: z.string().min(1).describe("as tocsin logs names it"),
  after: z
    .string()
    .regex(/^\d{1,15}$/, "write a place: a number")
    .default("0")
    .describe("places after this one"),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, "write a number up to 9999")
    .default("1000"),
});

const Row = z.object({ place: z.number(), reason: z.string(), bytes: z.number() });
export type BrokenRecord = z.output<typeof Row>;

/** Records that are not what their log holds, with the reason, in their order. Not their text: that is personal data, and stands in the log. */
export async function listBroken(
  ctx: Context,
  input: z.input<typeof ListBrokenInput>,
): Promise<BrokenRecord[]> {
  requireScope(ctx.actor, "events:read");
  const { source, after, limit } = parse(ListBrokenInput, input);
  const click = await ctx.click();
  const rows = await click.query(
    Row,
    `select place, toString(broken) as reason, length(raw) as bytes from events
    where source = {source:String} and broken != '' and place > {after:UInt64} order by place limit {limit:UInt64}`,
    { source, after, limit },
  );
  if (rows.length > 0) return rows;
  const there = await click.query(
    z.object({ place: z.number() }),
    "select place from events where source = {source:String} limit 1",
    { source },
  );
  if (there.length === 0)
    throw new TocsinError(
      "not_found",
      `there are no events of ${source}: tocsin logs lists the sources`,
    );
  return [];
}
