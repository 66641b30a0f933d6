import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { parse, rowsOf } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";

const Input = z.strictObject({ run: z.uuid() });

export const RUN_STATES = [
  "running",
  "paused",
  "aborting",
  "aborted",
  "watching",
  "complete",
] as const;
export type RunState = (typeof RUN_STATES)[number];

export type RunProgress = {
  readonly run: string;
  readonly incident: string;
  readonly plan: string;
  /** `watching`: complete, but for steps that only somebody else can take. */
  readonly state: RunState;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly steps: readonly StepProgress[];
};

export type StepProgress = {
  readonly step: number;
  readonly name: string;
  readonly kind: string;
  readonly state: "waiting" | "running" | "watching" | "paused" | "ended";
  readonly total: number;
  readonly done: number;
  readonly refused: number;
  readonly unreachable: number;
  readonly gone: number;
  readonly unknown: number;
  /** Without an outcome yet. */
  readonly waiting: number;
  /** Of these, so many were tried and are to be tried, or asked about, again. */
  readonly retrying: number;
  /** Outcomes a second, over the last ten. */
  readonly ratePerS: number;
  /** By the pace and the rate; absent where neither tells. */
  readonly etaMs?: number;
  /** Why it does not go on, or not faster. */
  readonly why?: Why;
};

/** `detail` names what it waits for: steps, a bucket, a reason. `forMs`: until it is looked at again, where that is known. */
export type Why = {
  readonly because:
    | "paused"
    | "dependency"
    | "breaker"
    | "limited"
    | "pace"
    | "retries"
    | "trouble"
    | "somebody else"
    | "no worker";
  readonly detail?: string;
  readonly forMs?: number;
};

const RunRow = z.object({
  id: z.int(),
  run: z.string(),
  incident: z.string(),
  plan: z.string(),
  state: z.enum(RUN_STATES),
  started_at: z.date(),
  ended_at: z.date().nullable(),
});

const StepRow = z.object({
  step: z.int(),
  name: z.string(),
  kind: z.string(),
  after: z.array(z.int()),
  watching: z.boolean(),
  tasks: z.int(),
  ended: z.boolean(),
  paused_because: z.string().nullable(),
  trouble: z.string().nullable(),
  bucket: z.string().nullable(),
  interval_ms: z.number().nullable(),
  per_target: z.boolean().nullable(),
  batch: z.int().nullable(),
  done: z.int(),
  refused: z.int(),
  unreachable: z.int(),
  gone: z.int(),
  unknown: z.int(),
  held: z.boolean(),
  due_ms: z.number().nullable(),
  retrying: z.int(),
  rate: z.number(),
  pace_ms: z.number().nullable(),
  limited_ms: z.number().nullable(),
  broken: z.boolean().nullable(),
  broken_ms: z.number().nullable(),
});
type StepRow = z.output<typeof StepRow>;

/** Where a run stands, step by step. @throws TocsinError `not_found` */
export async function runProgress(
  ctx: Context,
  input: z.input<typeof Input>,
): Promise<RunProgress> {
  requireScope(ctx.actor, "incidents:read");
  const { run } = parse(Input, input);
  const [found] = rowsOf(
    RunRow,
    await ctx.db
      .read`select id, run, incident, plan, state, started_at, ended_at from work_runs where run = ${run} and state != 'loading'`,
  );
  if (!found) throw new TocsinError("not_found", `no run ${run}`);
  const rows = rowsOf(StepRow, await stepRows(ctx, found.id));
  const { id: _id, started_at: startedAt, ended_at: endedAt, ...own } = found;
  return { ...own, startedAt, endedAt, steps: rows.map((row) => stepOf(row, rows, found.state)) };
}

function stepRows(ctx: Context, id: number) {
  const sql = ctx.db.read;
  const msUntil = (at: ReturnType<typeof sql>) =>
    sql`(extract(epoch from greatest(${at}, clock_timestamp()) - clock_timestamp()) * 1000)::float8`;
  return sql`
    select s.step, s.name, s.kind, s.after, s.watching, s.tasks, s.ended_at is not null as ended, s.paused_because,
      s.trouble, s.bucket, s.interval_ms, s.per_target, s.batch, c.*, r.retrying, rate.rate,
      ${msUntil(sql`b.next_at`)} as pace_ms, ${msUntil(sql`b.held_until`)} as limited_ms,
      b.open_until is not null as broken, ${msUntil(sql`b.open_until`)} as broken_ms
    from work_steps s
    left join work_buckets b on b.bucket = s.bucket
    cross join lateral (
      select coalesce(sum(done), 0)::int as done, coalesce(sum(refused), 0)::int as refused,
        coalesce(sum(unreachable), 0)::int as unreachable, coalesce(sum(gone), 0)::int as gone,
        coalesce(sum(unknown), 0)::int as unknown,
        coalesce(bool_or(leased_until > clock_timestamp()) filter (where ended_at is null), false) as held,
        ${msUntil(sql`min(due_at) filter (where ended_at is null)`)} as due_ms
      from work_chunks where run = s.run and step = s.step
    ) c
    cross join lateral (select count(*)::int as retrying from work_retries where run = s.run and step = s.step) r
    cross join lateral (
      select coalesce(sum(outcomes) / greatest(1, least(10, extract(epoch from clock_timestamp() - (
        select min(at) from work_batches where run = s.run and step = s.step)))), 0)::float8 as rate
      from work_batches where run = s.run and step = s.step and at > clock_timestamp() - interval '10 s'
    ) rate
    where s.run = ${id} order by s.step`;
}

function stepOf(row: StepRow, all: readonly StepRow[], run: RunState): StepProgress {
  const { step, name, kind, done, refused, unreachable, gone, unknown, retrying } = row;
  const waiting = row.tasks - done - refused - unreachable - gone - unknown;
  const missing = all.filter((other) => row.after.includes(other.step) && !other.ended);
  const state = stateOf(row, missing.length > 0, run);
  const why = state === "ended" ? undefined : whyOf(row, missing, run);
  const etaMs = etaOf(row, waiting);
  const counts = { total: row.tasks, done, refused, unreachable, gone, unknown, waiting, retrying };
  return {
    step,
    name,
    kind,
    state,
    ...counts,
    ratePerS: row.rate,
    ...(etaMs === undefined || state === "ended" ? {} : { etaMs }),
    ...(why === undefined ? {} : { why }),
  };
}

function stateOf(row: StepRow, depends: boolean, run: RunState): StepProgress["state"] {
  if (row.ended) return "ended";
  if (row.paused_because !== null || run === "paused") return "paused";
  if (depends) return "waiting";
  return row.watching ? "watching" : "running";
}

// The first that applies, from what only a person can change to what time will.
function whyOf(row: StepRow, missing: readonly StepRow[], run: RunState): Why | undefined {
  if (row.paused_because !== null) return { because: "paused", detail: row.paused_because };
  if (run === "paused") return { because: "paused", detail: "the run is paused" };
  if (missing.length > 0)
    return { because: "dependency", detail: missing.map((one) => one.name).join(", ") };
  if (row.trouble !== null) return { because: "trouble", detail: row.trouble };
  return whyOfBucket(row) ?? whyOfTasks(row);
}

function whyOfBucket(row: StepRow): Why | undefined {
  if (row.bucket === null) return undefined;
  const detail = row.bucket;
  if (row.broken) return { because: "breaker", detail, forMs: Math.max(0, row.broken_ms ?? 0) };
  if ((row.limited_ms ?? 0) > 0) return { because: "limited", detail, forMs: row.limited_ms ?? 0 };
  if ((row.interval_ms ?? 0) > 0 && (row.pace_ms ?? 0) > 0)
    return { because: "pace", detail, forMs: row.pace_ms ?? 0 };
  return undefined;
}

function whyOfTasks(row: StepRow): Why | undefined {
  if (row.held || row.tasks === 0) return undefined;
  if ((row.due_ms ?? 0) <= 0) return { because: "no worker" };
  return { because: row.watching ? "somebody else" : "retries", forMs: row.due_ms ?? 0 };
}

function etaOf(row: StepRow, waiting: number): number | undefined {
  if (waiting === 0) return 0;
  const interval = row.interval_ms ?? 0;
  const units = row.per_target ? waiting : Math.ceil(waiting / (row.batch ?? 1));
  const byRate = row.rate > 0 ? (waiting / row.rate) * 1_000 : undefined;
  // A slow pace comes in lumps: the rate of ten seconds says nothing of it.
  if (interval >= 1_000) return units * interval;
  if (interval > 0) return Math.max(units * interval, byRate ?? 0);
  return byRate;
}
