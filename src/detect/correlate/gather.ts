import { candidateConditions } from "./candidates.sql.ts";
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

/** Rows of a slice. Twice as many are 8 % quicker and took 150 MB more at the peak (bench/correlate.ts, every group fires). */
const SLICE = 2_000_000;
const SMALL = 20_000;
/** A set of more groups than these is large itself, and leaves out little. */
const MOST_GROUPS = 4_000_000;

/** Reads the relations, once. */
export async function gather(tables: Tables, input: CorrelateInput): Promise<Gathered> {
  const table = await tables.make("rows", ROW_COLUMNS, { select: rowsSql(input) });
  let count = await tables.rowsIn(table);
  if (count <= SMALL) return { slices: [table], small: true };
  let rows = table;
  for (const condition of conditionsOf(input)) {
    const select = `select g from ${rows} group by g having ${condition}`;
    const groups = await tables.make("groups", "(g UInt64)", { select });
    if ((await tables.rowsIn(groups)) > MOST_GROUPS) continue;
    rows = `(select ${ROWS} from ${table} where g in ${groups})`;
    count = await tables.rowsIn(rows);
  }
  const many = Math.max(1, Math.ceil(count / SLICE));
  const slices =
    many === 1
      ? [rows]
      : Array.from(
          { length: many },
          (_, slice) => `(select ${ROWS} from ${rows} where g % ${many} = ${slice})`,
        );
  return { slices, small: count <= SMALL };
}

function conditionsOf({ rule, afterBatch }: CorrelateInput): string[] {
  const isTouched = afterBatch === undefined ? [] : [`max(batch) > ${afterBatch}`];
  return [...isTouched, ...candidateConditions(rule)];
}
