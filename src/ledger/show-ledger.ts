import { z } from "zod";
import { parse, rowsOf } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { write } from "./write.ts";

export const ShowInput = z.strictObject({
  incident: z.string().optional(),
  /** The last entry's id of the page before. */
  after: z
    .string()
    .regex(/^\d{1,18}$/)
    .default("0"),
  limit: z.int().min(1).max(1_000).default(100),
});

const EntryRow = z.object({
  entry: z.string(),
  /** Its place in the tree; null until the sequencer ran. */
  place: z.number().nullable(),
  kind: z.string(),
  at: z.date().transform((at) => at.toISOString()),
  actor: z.string(),
  incident: z.string().nullable(),
  /** Null where it was erased. */
  body: z
    .string()
    .nullable()
    .transform((text) => (text === null ? null : z.json().parse(JSON.parse(text)))),
  members: z.number().nullable(),
});
export type ShownEntry = z.output<typeof EntryRow>;

/** A page of the ledger in the order of ids. Bodies can hold personal data, so the reading is itself an entry. */
export async function showLedger(
  ctx: Context,
  input: z.input<typeof ShowInput>,
): Promise<ShownEntry[]> {
  requireScope(ctx.actor, "people:read");
  const { incident, after, limit } = parse(ShowInput, input);
  const rows = await ctx.db.read`
    select e.id::text as entry, p.place::float8 as place, e.kind, e.at, e.actor, e.incident, b.body, m.size as members
    from ledger_entries e
    left join ledger_places p on p.entry = e.id
    left join ledger_bodies b on b.entry = e.id
    left join ledger_batches m on m.entry = e.id
    where e.id > ${after} and (${incident ?? null}::text is null or e.incident = ${incident ?? null})
    order by e.id limit ${limit}`;
  await write(ctx, "ledger:read", () =>
    Promise.resolve({
      result: null,
      entry: {
        kind: "ledger.read",
        ...(incident !== undefined && { incident }),
        body: { after, entries: rows.length },
      },
    }),
  );
  return rowsOf(EntryRow, rows);
}
