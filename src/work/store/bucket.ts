// One far side as all workers see it, in one row: pace, the far side's own wish to be left alone, and a breaker.
import { z } from "zod";
import { rowsOf } from "../../core/parse.ts";
import { write } from "../../ledger/write.ts";
import type { Worker } from "../loop/worker.ts";

/** What this worker knows of far sides, by bucket, between two looks at the store. */
export type FarSides = Map<string, FarSide>;

export type FarSide = {
  readonly bucket: string;
  failures: number;
  /** By the monotonic clock: until then nothing is handed over without asking the store again. */
  shutUntil: number;
  /** By the monotonic clock: when the store last said that nothing is amiss. */
  wellAt: number;
};

export type Admission =
  | { readonly admitted: true; readonly probe: boolean }
  | { readonly admitted: false; readonly waitMs: number };

const Row = z.object({
  admitted: z.boolean(),
  failures: z.int(),
  probe: z.boolean(),
  wait_ms: z.number(),
});

const PROBE_MS = 30_000;
// What may be made up for after a pause: half a second's worth, and nothing where a unit takes a second or more.
const BURST_MS = 500;

export function farSideOf(worker: Worker, bucket: string): FarSide {
  const known = worker.farSides.get(bucket);
  if (known) return known;
  const farSide = { bucket, failures: 0, shutUntil: -Infinity, wellAt: -Infinity };
  worker.farSides.set(bucket, farSide);
  return farSide;
}

export async function makeBucket(worker: Worker, bucket: string): Promise<void> {
  await write(worker.ctx, "work:run", async (tx) => {
    await tx`insert into work_buckets (bucket) values (${bucket}) on conflict do nothing`;
    return { result: undefined, entry: [] };
  });
}

export type AdmitInput = {
  readonly farSide: FarSide;
  readonly units: number;
  readonly intervalMs: number;
};

/**
 * Takes `units` of the pace, or says how long until there is one. The next unit goes `intervalMs` after the last (GCRA), by
 * the store's clock, so no worker's clock counts. While the breaker is open nobody is admitted; then one at a time, as a probe.
 */
export async function admit(worker: Worker, input: AdmitInput): Promise<Admission> {
  if (input.intervalMs === 0) {
    const free = await lookedFree(worker, input.farSide);
    if (free) return { admitted: true, probe: false };
  }
  const { bucket } = input.farSide;
  const burstMs = input.intervalMs >= 1_000 ? 0 : BURST_MS;
  const [row] = await write<z.output<typeof Row>[]>(worker.ctx, "work:run", async (tx) => {
    const rows = await tx`
      with taken as (
        update work_buckets set
          next_at = greatest(next_at, clock_timestamp() - ${burstMs}::float8 * interval '1 ms')
            + ${input.units * input.intervalMs}::float8 * interval '1 ms',
          probe_until = case when open_until is null then probe_until
            else clock_timestamp() + ${PROBE_MS}::float8 * interval '1 ms' end
        where bucket = ${bucket} and next_at <= clock_timestamp() and held_until <= clock_timestamp()
          and (open_until is null or greatest(open_until, probe_until) <= clock_timestamp())
        returning bucket
      )
      select t.bucket is not null as admitted, b.failures, b.open_until is not null as probe,
        (extract(epoch from greatest(b.next_at, b.held_until, b.open_until, clock_timestamp(),
          case when b.open_until is not null then b.probe_until end) - clock_timestamp()) * 1000)::float8 as wait_ms
      from work_buckets b left join taken t on t.bucket = b.bucket where b.bucket = ${bucket}`;
    return { result: rowsOf(Row, rows), entry: [] };
  });
  if (!row) return { admitted: false, waitMs: 1_000 };
  input.farSide.failures = row.failures;
  if (!row.admitted) return { admitted: false, waitMs: Math.max(row.wait_ms, 1) };
  input.farSide.shutUntil = -Infinity;
  return { admitted: true, probe: row.probe };
}

const TRUST_MS = 100;

// Without a pace a read is enough, as long as nothing is amiss, and one serves all lanes for a moment.
async function lookedFree(worker: Worker, farSide: FarSide): Promise<boolean> {
  if (farSide.failures === 0 && performance.now() - farSide.wellAt < TRUST_MS) return true;
  const [row] = await worker.ctx.db.read<{ failures: number; free: boolean }[]>`
    select failures, open_until is null and held_until <= clock_timestamp() as free
    from work_buckets where bucket = ${farSide.bucket}`;
  if (!row) return false;
  farSide.failures = row.failures;
  if (!row.free) return false;
  farSide.shutUntil = -Infinity;
  farSide.wellAt = performance.now();
  return true;
}

/** What one call taught of the far side. A success is written only where there were failures before. */
export type Lesson =
  | { readonly kind: "well" | "down" }
  | { readonly kind: "limited"; readonly afterMs: number };

export async function learn(worker: Worker, farSide: FarSide, lesson: Lesson): Promise<void> {
  if (lesson.kind !== "well") farSide.wellAt = -Infinity;
  if (lesson.kind === "well") {
    if (farSide.failures > 0) await closeBreaker(worker, farSide);
  } else if (lesson.kind === "limited") await holdBack(worker, farSide, lesson.afterMs);
  else await countFailure(worker, farSide);
}

async function closeBreaker(worker: Worker, farSide: FarSide): Promise<void> {
  farSide.failures = 0;
  await write(worker.ctx, "work:run", async (tx) => {
    await tx`update work_buckets set failures = 0, opened = 0, open_until = null, probe_until = '-infinity'
      where bucket = ${farSide.bucket}`;
    return { result: undefined, entry: [] };
  });
}

async function holdBack(worker: Worker, farSide: FarSide, afterMs: number): Promise<void> {
  farSide.shutUntil = performance.now() + afterMs;
  await write(worker.ctx, "work:run", async (tx) => {
    await tx`update work_buckets set probe_until = '-infinity',
      held_until = greatest(held_until, clock_timestamp() + ${afterMs}::float8 * interval '1 ms') where bucket = ${farSide.bucket}`;
    return { result: undefined, entry: [] };
  });
}

const Failed = z.object({ failures: z.int(), open_ms: z.number().nullable() });

// An opening is counted once: by the failure that reaches the bound, and by each probe that fails.
async function countFailure(worker: Worker, farSide: FarSide): Promise<void> {
  const { failures, baseMs, mostMs } = worker.timing.breaker;
  const [row] = await write<z.output<typeof Failed>[]>(worker.ctx, "work:run", async (tx) => {
    const rows = await tx`
      with old as (
        select bucket, opened, open_until, failures + 1 >= ${failures}::int
          and coalesce(open_until, '-infinity') <= clock_timestamp() as opens
        from work_buckets where bucket = ${farSide.bucket} for update
      )
      update work_buckets b set failures = failures + 1, probe_until = '-infinity',
        opened = old.opened + old.opens::int,
        open_until = case when old.opens then clock_timestamp()
          + least(${baseMs}::float8 * 2 ^ least(old.opened, 20), ${mostMs}::float8) * interval '1 ms' else old.open_until end
      from old where b.bucket = old.bucket
      returning b.failures, (extract(epoch from b.open_until - clock_timestamp()) * 1000)::float8 as open_ms`;
    return { result: rowsOf(Failed, rows), entry: [] };
  });
  if (!row) return;
  farSide.failures = row.failures;
  if (row.open_ms !== null) farSide.shutUntil = performance.now() + row.open_ms;
}
