import { type Candidates, candidatesOf, having } from "./candidates.sql.ts";
import type { CorrelationRule } from "../sigma/rule.ts";
import type { CorrelateInput } from "./correlate-input.ts";
import { ROW_COLUMNS, ROWS, rowsSql } from "./rows.sql.ts";
import type { Tables } from "./tables.ts";
import { spanOf } from "./windows.sql.ts";

/** Rows of some of the groups that can fire: of those, all fits in memory. */
export type Slice = {
  /** A table or a subquery. */
  readonly rows: string;
  /** One after the other in time, together all of it: several where a group is too large by itself. */
  readonly pieces: readonly Piece[];
};

export type Piece = {
  /** With what windows of the piece reach back to. */
  readonly rows: string;
  /** Windows that end later are the piece's; all where there is no other piece. Microseconds. */
  readonly after?: string;
};

export type Gathered = {
  /** No group is in two of them. */
  readonly slices: readonly Slice[];
  /** So few rows that statements' results and their tables fit in memory. */
  readonly small: boolean;
};

export type GatherLimits = {
  /** Up to so many rows all is done in memory, and no group is left out beforehand. */
  readonly small: number;
  /** Rows of a slice. */
  readonly slice: number;
  /** Rows of a slice from which on it is cut into pieces: it is a group or few. */
  readonly piece: number;
  /** A set of more groups than these is large itself, and leaves out little. */
  readonly groups: number;
};

export const GATHER_LIMITS: GatherLimits = {
  small: 20_000,
  slice: 2_000_000,
  piece: 3_000_000,
  groups: 4_000_000,
};

/** Reads the relations, once. */
export async function gather(
  tables: Tables,
  input: CorrelateInput,
  limits: GatherLimits,
): Promise<Gathered> {
  const table = await tables.make("rows", ROW_COLUMNS, { select: rowsSql(input) });
  let count = await tables.rowsIn(table);
  if (count <= limits.small) return { slices: [whole(table)], small: true };
  let rows = table;
  for (const candidates of conditionsOf(input)) {
    const groups = await tables.make("groups", "(g UInt64)", { select: candidates(rows) });
    if ((await tables.rowsIn(groups)) > limits.groups) continue;
    rows = `(select ${ROWS} from ${table} where g in ${groups})`;
    count = await tables.rowsIn(rows);
  }
  const small = count <= limits.small;
  if (count <= Math.min(limits.slice, limits.piece)) return { slices: [whole(rows)], small };
  return { slices: await slicesOf(tables, rows, { input, count, limits }), small };
}

function whole(rows: string): Slice {
  return { rows, pieces: [{ rows }] };
}

type Cutting = {
  readonly input: CorrelateInput;
  readonly count: number;
  readonly limits: GatherLimits;
};

async function slicesOf(
  tables: Tables,
  from: string,
  { input, count, limits }: Cutting,
): Promise<Slice[]> {
  const many = Math.ceil(count / limits.slice);
  const slices: Slice[] = [];
  for (let slice = 0; slice < many; slice += 1) {
    const rows = `(select ${ROWS} from ${from} where g % ${many} = ${slice})`;
    const own = await tables.rowsIn(rows);
    const pieces = Math.ceil(own / Math.min(limits.slice, limits.piece));
    if (own <= limits.piece) slices.push(whole(rows));
    else slices.push({ rows, pieces: await piecesOf(tables, rows, { rule: input.rule, pieces }) });
  }
  return slices;
}

/** Cut where about as many rows are in each. Any cut is right: a piece begins with what its first windows hold of the one before. */
async function piecesOf(
  tables: Tables,
  rows: string,
  { rule, pieces }: { readonly rule: CorrelationRule; readonly pieces: number },
): Promise<Piece[]> {
  const cuts = await tables.timesOf(rows, pieces);
  const bounds = [undefined, ...cuts, undefined];
  return bounds.slice(1).map((upTo, index) => {
    const after = bounds[index];
    const where = [
      after === undefined ? "true" : `t > ${after} - ${spanOf(rule)}`,
      upTo === undefined ? "true" : `t <= ${upTo}`,
    ];
    return {
      rows: `(select ${ROWS} from ${rows} where ${where.join(" and ")})`,
      ...(after === undefined ? {} : { after }),
    };
  });
}

function conditionsOf({ rule, afterBatch }: CorrelateInput): Candidates[] {
  const isTouched = afterBatch === undefined ? [] : [having(`max(batch) > ${afterBatch}`)];
  return [...isTouched, ...candidatesOf(rule)];
}
