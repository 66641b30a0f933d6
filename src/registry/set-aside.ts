import { z } from "zod";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import { Key } from "../config/words.ts";
import type { Context } from "../db/context.ts";

export const SetAsideInput = z.strictObject({
  registry: Key.optional(),
  reason: z.string().optional(),
  effect: z.enum(["removed", "unreachable", "marked"]).optional(),
  /** The last one of the page before. */
  after: z.strictObject({ registry: z.string(), row: z.int(), reason: z.string() }).optional(),
  limit: z.int().min(1).max(10_000).default(100),
});

const SetAsideRow = z.object({
  registry: z.string(),
  /** The row's place in the source, from 1: in a file the record's, after the line of names. */
  row: z.number(),
  /** '' where the row has no usable key. */
  account: z.string(),
  reason: z.string(),
  effect: z.enum(["removed", "unreachable", "marked"]),
});
export type SetAside = z.output<typeof SetAsideRow>;

/** Rows and values that could not be taken as they are, in the order of the source. Locators and keys, no values. */
export async function setAside(
  ctx: Context,
  input: z.input<typeof SetAsideInput>,
): Promise<SetAside[]> {
  requireScope(ctx.actor, "registry:read");
  const { registry = "", reason = "", effect = "", after, limit } = parse(SetAsideInput, input);
  const click = await ctx.click();
  return await click.query(
    SetAsideRow,
    `select registry, row, account, reason, effect from current_set_aside
     where ({registry:String} = '' or registry = {registry:String}) and ({reason:String} = '' or reason = {reason:String})
       and ({effect:String} = '' or effect = {effect:String})
       and (registry, row, reason) > ({afterRegistry:String}, {afterRow:UInt64}, {afterReason:String})
     order by registry, row, reason limit {limit:UInt32}`,
    {
      registry,
      reason,
      effect,
      limit,
      afterRegistry: after?.registry ?? "",
      afterRow: after?.row ?? 0,
      afterReason: after?.reason ?? "",
    },
  );
}
