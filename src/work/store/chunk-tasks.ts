import { z } from "zod";
import { rowsOf } from "../../core/parse.ts";
import type { Context } from "../../db/context.ts";
import type { Task } from "../handler.ts";
import type { Chunk } from "./claim-chunk.ts";

/** A task without an outcome, with what earlier attempts left. */
export type OpenTask = Task & {
  readonly gone: boolean;
  readonly tried: boolean;
  readonly attempts: number;
  /** Since the first attempt that failed. */
  readonly triedForMs: number;
};

export type ChunkTasks = {
  /** Those that are due, in order. */
  readonly tasks: OpenTask[];
  /** Marked by a lease that ended without an answer: handed over, or about to be. */
  readonly begun: OpenTask[];
  /** To be tried again, but not yet. */
  readonly later: OpenTask[];
  readonly sealed?: Uint8Array;
};

const Tried = z.object({
  n: z.int(),
  attempts: z.int(),
  tried_ms: z.number(),
  due: z.boolean(),
  lease: z.coerce.bigint(),
});
const Begun = z.object({ n: z.int(), lease: z.coerce.bigint() });

type Row = {
  readonly n: number;
  readonly gone: boolean;
  readonly key: string;
  readonly payload: Task["payload"];
};

/** What is left of a leased chunk. The rows of tasks are ours and immutable: they are not parsed again. */
export async function chunkTasks(
  ctx: Context,
  chunk: Chunk,
  idempotent: boolean,
): Promise<ChunkTasks> {
  const [rows, marks, sealed] = await Promise.all([
    chunk.fresh ? allTasks(ctx, chunk) : leftTasks(ctx, chunk),
    chunk.fresh ? NO_MARKS : marksOf(ctx, chunk, idempotent),
    chunk.sealed ? sealedOf(ctx, chunk) : undefined,
  ]);
  return { ...sorted(chunk, rows, marks), ...(sealed ? { sealed } : {}) };
}

type Marks = {
  readonly tried: readonly z.output<typeof Tried>[];
  readonly begun: readonly z.output<typeof Begun>[];
};

const NO_MARKS: Marks = { tried: [], begun: [] };

async function marksOf(ctx: Context, chunk: Chunk, idempotent: boolean): Promise<Marks> {
  const sql = ctx.db.read;
  const { id, step, first, last } = chunk;
  const [tried, begun] = await Promise.all([
    sql`
      select n, attempts, (extract(epoch from clock_timestamp() - first_at) * 1000)::float8 as tried_ms,
        due_at <= clock_timestamp() as due, lease
      from work_retries where run = ${id} and step = ${step} and n between ${first} and ${last}`,
    idempotent
      ? []
      : sql`
        select unnest(tasks) as n, max(lease) as lease from work_begun
        where run = ${id} and step = ${step} and chunk = ${chunk.chunk} group by 1`,
  ]);
  return { tried: rowsOf(Tried, tried), begun: rowsOf(Begun, begun) };
}

async function sealedOf(ctx: Context, chunk: Chunk): Promise<Uint8Array | undefined> {
  const [row] = await ctx.db.read<{ sealed: Uint8Array }[]>`
    select sealed from work_sealed where run = ${chunk.id} and step = ${chunk.step} and chunk = ${chunk.chunk}`;
  return row?.sealed;
}

// One value a chunk and not four a task: 15 ms of CPU in all for a thousand tasks, against 18 (bench/work.ts).
async function allTasks(ctx: Context, { id, step, first, last }: Chunk): Promise<readonly Row[]> {
  const [found] = await ctx.db.read<{ rows: readonly Row[] }[]>`
    select coalesce(json_agg(json_build_object('n', n, 'gone', gone, 'key', key, 'payload', payload) order by n), '[]') as rows
    from work_tasks where run = ${id} and step = ${step} and n between ${first} and ${last}`;
  return found?.rows ?? [];
}

function leftTasks(ctx: Context, { id, step, first, last }: Chunk): Promise<readonly Row[]> {
  return ctx.db.read<Row[]>`
    select t.n, t.gone, t.key, t.payload from work_tasks t
    where t.run = ${id} and t.step = ${step} and t.n between ${first} and ${last}
      and not exists (select 1 from work_outcomes o where o.run = t.run and o.step = t.step and o.n = t.n)
    order by t.n`;
}

// A mark counts unless a retry was settled under the same or a later lease: a task is handed over once a lease.
function sorted(chunk: Chunk, rows: readonly Row[], marks: Marks): Omit<ChunkTasks, "sealed"> {
  const tried = new Map(marks.tried.map((one) => [one.n, one]));
  const begunOf = new Map(marks.begun.map((one) => [one.n, one.lease]));
  const tasks: OpenTask[] = [];
  const begun: OpenTask[] = [];
  const later: OpenTask[] = [];
  for (const row of rows) {
    const before = tried.get(row.n);
    const mark = begunOf.get(row.n);
    const isBegun = mark !== undefined && (before === undefined || before.lease < mark);
    const notYet = before !== undefined && !before.due;
    (isBegun ? begun : notYet ? later : tasks).push({
      run: chunk.run,
      step: chunk.step,
      chunk: chunk.chunk,
      n: row.n,
      key: row.key,
      payload: row.payload,
      gone: row.gone,
      tried: before !== undefined,
      attempts: before?.attempts ?? 0,
      triedForMs: before?.tried_ms ?? 0,
    });
  }
  return { tasks, begun, later };
}
