import { z } from "zod";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";

const Count = z.int().min(0);

/** What one scoping found: counts and column names, no values. */
export const Scoping = z.object({
  /** Of the evidence in incident.yaml. */
  key: z.string(),
  sha256: z.string(),
  /** `CSV, comma, zstd`. */
  format: z.string(),
  /** Read, those set aside included. */
  rows: Count,
  setAside: z.array(z.object({ reason: z.string(), count: Count, rows: z.array(Count) })),
  /** Parts of documents, each with its place and what to do. */
  unread: z.array(z.object({ at: z.string(), reason: z.string(), detail: z.string() })).default([]),
  columns: z.array(
    z.object({
      column: z.string(),
      category: z.string().nullable(),
      how: z.string(),
      also: z.array(z.string()),
    }),
  ),
  /** Rows that are somebody's of the registry. */
  matched: Count,
  /** Rows whose identifiers do not agree on one person. */
  ambiguous: Count,
  /** Of `matched`: a user name or number fits, the row's address is not theirs. */
  doubtful: Count,
  /** Rows that are nobody's of the registry, */
  unmatched: Count,
  /** … and the people among them who have an address. */
  unregistered: Count,
  accounts: Count,
  people: Count,
  /** Of ClickHouse: one an account (or person), category and row. */
  exposures: Count,
});
export type Scoping = z.output<typeof Scoping>;

export type Scoped = Scoping & {
  /** False where nothing that decides the exposures has changed since they were made. */
  readonly fresh: boolean;
};

/** The last scoping of each piece of evidence, by key. */
export async function scopingOf(ctx: Context, incident: string): Promise<Scoping[]> {
  requireScope(ctx.actor, "evidence:read");
  const rows = await ctx.db.read<{ figures: unknown }[]>`
    select figures from scopings where incident = ${incident} order by evidence`;
  return rows.map((row) => Scoping.parse(row.figures));
}

/** By evidence, the digest of all that its exposures were made from. */
export async function standingInputs(
  ctx: Context,
  incident: string,
): Promise<Readonly<Record<string, string>>> {
  requireScope(ctx.actor, "evidence:read");
  const rows = await ctx.db.read<{ evidence: string; inputs: string }[]>`
    select evidence, inputs from scopings where incident = ${incident}`;
  return Object.fromEntries(rows.map((row) => [row.evidence, row.inputs]));
}
