import { type Candidates, candidatesOf, having } from "./candidates.sql.ts";
import type { CorrelateInput } from "./correlate-input.ts";
import { ROW_COLUMNS, ROWS, rowsSql } from "./rows.sql.ts";
import type { Tables } from "./tables.ts";

/** The rows of groups that can fire. */
export type Gathered = {
  /** Subqueries: no group is in two of them. Of the groups of one, all fits in memory (but for a group that is larger than that alone). */
  readonly slices: readonly string[];
  /** So few that a statement's result and its tables fit in memory. */
  readonly small: boolean;
};

export type GatherLimits = {
  /** Up to so many rows all is done in memory, and no group is left out beforehand. */
  readonly small: number;
  /** Rows of a slice. */
  readonly slice: number;
  /** A set of more groups than these is large itself, and leaves out little. */
  readonly groups: number;
};

export const GATHER_LIMITS: GatherLimits = { small: 20_000, slice: 2_000_000, groups: 4_000_000 };

/** Reads the relations, once. */
export async function gather(
  tables: Tables,
  input: CorrelateInput,
  limits: GatherLimits,
): Promise<Gathered> {
  const table = await tables.make("rows", ROW_COLUMNS, { select: rowsSql(input) });
  let count = await tables.rowsIn(table);
  if (count <= limits.small) return { slices: [table], small: true };
  let rows = table;
  for (const candidates of conditionsOf(input)) {
    const groups = await tables.make("groups", "(g UInt64)", { select: candidates(rows) });
    if ((await tables.rowsIn(groups)) > limits.groups) continue;
    rows = `(select ${ROWS} from ${table} where g in ${groups})`;
    count = await tables.rowsIn(rows);
  }
  const many = Math.max(1, Math.ceil(count / limits.slice));
  const slices =
    many === 1
      ? [rows]
      : Array.from(
          { length: many },
          (_, slice) => `(select ${ROWS} from ${rows} where g % ${many} = ${slice})`,
        );
  return { slices, small: count <= limits.small };
}

function conditionsOf({ rule, afterBatch }: CorrelateInput): Candidates[] {
  const isTouched = afterBatch === undefined ? [] : [having(`max(batch) > ${afterBatch}`)];
  return [...isTouched, ...candidatesOf(rule)];
}
