import type { Json } from "../../core/canonical.ts";
import type { Scope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import type { Tx } from "../../db/postgres.ts";
import { appendBatch, type EntryId } from "../../ledger/append.ts";
import { write } from "../../ledger/write.ts";
import { OUTCOME_STATES, type Ended, type OutcomeState } from "../handler.ts";
import type { OpenTask } from "./chunk-tasks.ts";
import type { Chunk } from "./claim-chunk.ts";
import type { Again, Settled } from "../loop/settle.ts";

/** The chunk has another holder. What we know of it is no longer ours to record. */
export class LeaseLost extends Error {}

export type RecordInput = {
  readonly chunk: Chunk;
  readonly settled: readonly Settled[];
  readonly leaseMs: number;
  readonly scope: Scope;
  /** An earlier try of the same record failed, or its answer was lost: leave out what it recorded. */
  readonly repeated?: boolean;
};

/** What the record found of the run: whether to go on. */
export type RunNow = { readonly goOn: boolean };

type Outcome = { readonly task: OpenTask; readonly ended: Ended };
type Retried = { readonly task: OpenTask; readonly again: Again };

/**
 * Outcomes, their ledger batch, the chunk's counts and retries in one transaction, which also renews the lease. May be
 * repeated: what was recorded already is left out, so a commit whose answer was lost does no harm.
 * @throws LeaseLost, and then nothing was recorded
 */
export async function record(ctx: Context, input: RecordInput): Promise<RunNow> {
  return await write<RunNow>(ctx, input.scope, async (tx) => {
    const all = input.settled.filter((one): one is Outcome => "ended" in one);
    const ended = input.repeated ? await unrecorded(tx, input.chunk, all) : all;
    await keepRetries(tx, input.chunk, input.settled);
    await dropRetries(tx, input.chunk, ended);
    const entry = await appendOutcomes(tx, ctx, { chunk: input.chunk, ended });
    const now = await countAndFence(tx, ctx, { ...input, ended, entry });
    if (now) return { result: now, entry: [] };
    if (ended.length < all.length && (await isOurs(tx, input.chunk)))
      return { result: { goOn: true }, entry: [] };
    throw new LeaseLost(`chunk ${input.chunk.chunk} of step ${input.chunk.step}`);
  });
}

async function unrecorded(
  tx: Tx,
  chunk: Chunk,
  ended: readonly Outcome[],
): Promise<readonly Outcome[]> {
  const rows = await tx<{ n: number }[]>`
    select n from work_outcomes where run = ${chunk.id} and step = ${chunk.step}
      and n between ${chunk.first} and ${chunk.last}`;
  const known = new Set(rows.map((row) => row.n));
  return ended.filter((one) => !known.has(one.task.n));
}

type Batch = { readonly chunk: Chunk; readonly ended: readonly Outcome[] };

async function appendOutcomes(
  tx: Tx,
  ctx: Context,
  { chunk, ended }: Batch,
): Promise<EntryId | null> {
  if (ended.length === 0) return null;
  const at = ctx.clock.now().toISOString();
  const prefix = `${chunk.run}/${chunk.step}/`;
  const members = ended.map((one) => ({ id: prefix + one.task.key, body: bodyOf(one, at) }));
  const { entry } = await appendBatch(tx, ctx, {
    kind: "work.outcomes",
    incident: chunk.incident,
    members,
  });
  return entry;
}

type Fenced = Batch & { readonly leaseMs: number; readonly entry: EntryId | null };

// Last in the transaction: the chunk's row is held only until the commit. Undefined means that the lease is another's, or that the chunk
// has ended.
async function countAndFence(tx: Tx, ctx: Context, input: Fenced): Promise<RunNow | undefined> {
  const { chunk, ended, entry } = input;
  const count = countsOf(ended);
  const size = ended.length;
  const rows = await tx<{ go_on: boolean }[]>`
    with fenced as (
      update work_chunks c set remaining = c.remaining - ${size}::int, done = c.done + ${count.done}::int,
        refused = c.refused + ${count.refused}::int, unreachable = c.unreachable + ${count.unreachable}::int,
        gone = c.gone + ${count.gone}::int, unknown = c.unknown + ${count.unknown}::int,
        ended_at = case when c.remaining = ${size}::int then clock_timestamp() end,
        holder = case when c.remaining = ${size}::int then null else c.holder end,
        leased_until = case when c.remaining = ${size}::int then '-infinity'
          else clock_timestamp() + ${input.leaseMs}::float8 * interval '1 ms' end
      from work_runs r join work_steps s on s.run = r.id
      where c.run = ${chunk.id} and c.step = ${chunk.step} and c.chunk = ${chunk.chunk} and c.lease = ${chunk.lease}
        and c.ended_at is null and r.id = ${chunk.id} and s.step = ${chunk.step}
      returning r.state in ('running', 'watching') and s.paused_because is null as go_on
    ), batch as (
      insert into work_batches (run, step, entry, outcomes)
      select ${chunk.id}, ${chunk.step}, ${entry}, ${size} from fenced where ${size}::int > 0
    ), outcomes as (
      insert into work_outcomes (run, step, n, state, reason, detail, at, entry)
      select ${chunk.id}, ${chunk.step}, o.n, o.state, o.reason, o.detail::json, ${ctx.clock.now()}, ${entry}
      from fenced, ${outcomeRows(tx, ended)}
    )
    select go_on from fenced`;
  const [row] = rows;
  return row && { goOn: row.go_on };
}

// Mostly all are done and there is no more to say: then their numbers are all that travels.
function outcomeRows(tx: Tx, ended: readonly Outcome[]) {
  const ns = `{${ended.map((one) => one.task.n).join(",")}}`;
  const state = ended[0]?.ended.state ?? "done";
  const alike = ended.every(
    ({ ended: one }) => one.state === state && one.reason === undefined && one.detail === undefined,
  );
  if (alike) {
    return tx`(select n, ${state}::text as state, null::text as reason, null::text as detail from unnest(${ns}::int[]) n) o`;
  }
  return tx`unnest(${ns}::int[], ${ended.map((one) => one.ended.state)}::text[],
    ${ended.map((one) => one.ended.reason ?? null)}::text[], ${ended.map(detailText)}::text[]) as o (n, state, reason, detail)`;
}

function bodyOf({ task, ended }: Outcome, at: string): Json {
  const body: Record<string, Json> = { key: task.key, state: ended.state, at };
  if (ended.reason !== undefined) body["reason"] = ended.reason;
  if (ended.detail !== undefined) body["detail"] = ended.detail;
  return body;
}

function detailText({ ended }: Outcome): string | null {
  return ended.detail === undefined ? null : JSON.stringify(ended.detail);
}

// Attempts are written as a number that we know, not added to: a repeated record counts none twice.
async function keepRetries(tx: Tx, chunk: Chunk, settled: readonly Settled[]): Promise<void> {
  const again = settled.filter((one): one is Retried => "again" in one);
  if (again.length === 0) return;
  await tx`
    insert into work_retries as r (run, step, n, attempts, first_at, due_at, reason, lease)
    select ${chunk.id}, ${chunk.step}, a.n, a.attempts,
      clock_timestamp() + case when a.waits = 1 then a.in_ms else 0 end * interval '1 ms',
      clock_timestamp() + a.in_ms * interval '1 ms', a.reason, ${chunk.lease}
    from unnest(${again.map((one) => one.task.n)}::int[], ${again.map((one) => one.again.attempts)}::int[],
      ${again.map((one) => one.again.inMs)}::float8[], ${again.map((one) => one.again.reason)}::text[],
      ${again.map((one) => Number(one.again.waits))}::int[]) as a (n, attempts, in_ms, reason, waits)
    on conflict (run, step, n) do update
      set first_at = case when excluded.first_at > clock_timestamp() then excluded.first_at else r.first_at end,
        attempts = excluded.attempts, due_at = excluded.due_at, reason = excluded.reason, lease = excluded.lease`;
}

async function dropRetries(tx: Tx, chunk: Chunk, ended: readonly Outcome[]): Promise<void> {
  const tried = ended.filter((one) => one.task.tried).map((one) => one.task.n);
  if (tried.length === 0) return;
  await tx`delete from work_retries where run = ${chunk.id} and step = ${chunk.step} and n = any(${tried}::int[])`;
}

// All was recorded by a commit whose answer was lost, and the last of it ended the chunk.
async function isOurs(tx: Tx, chunk: Chunk): Promise<boolean> {
  const rows = await tx`
    select 1 from work_chunks
    where run = ${chunk.id} and step = ${chunk.step} and chunk = ${chunk.chunk} and lease = ${chunk.lease}`;
  return rows.length > 0;
}

function countsOf(ended: readonly Outcome[]): Record<OutcomeState, number> {
  const counts = Object.fromEntries(OUTCOME_STATES.map((state) => [state, 0])) as Record<
    OutcomeState,
    number
  >;
  for (const one of ended) counts[one.ended.state] += 1;
  return counts;
}
