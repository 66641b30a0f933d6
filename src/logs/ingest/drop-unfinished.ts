// Batches whose writer died or failed: nobody was told that they were taken, so they go, whole.
import { z } from "zod";
import type { Click } from "../../db/click.ts";
import type { Context } from "../../db/context.ts";
import { write } from "../../ledger/write.ts";

export type DropInput = {
  /** This process, and the batches that it is writing just now. */
  readonly owner: string;
  readonly active: ReadonlySet<number>;
  readonly fault?: (at: string) => void;
};

/** The session lock that a writer holds as long as it lives. */
export function ownerLock(owner: string): string {
  return `ingest/${owner}`;
}

const Unfinished = z.object({ batch: z.coerce.number(), stream: z.string(), owner: z.string() });
type Unfinished = z.output<typeof Unfinished>;

/** Answers how many went. Safe to repeat after a crash anywhere in it. */
export async function dropUnfinished(ctx: Context, input: DropInput): Promise<number> {
  const rows = await ctx.db.read`
    select batch, stream, owner from ingest_batches where state = 'writing' order by batch`;
  let dropped = 0;
  for (const row of rows) {
    const batch = Unfinished.parse(row);
    const alive =
      batch.owner === input.owner ? input.active.has(batch.batch) : await lives(ctx, batch.owner);
    if (alive) continue;
    await dropBatch(ctx, batch, input.fault);
    dropped += 1;
  }
  return dropped;
}

// The lock of a transaction that ends at once: free exactly where no session holds it.
async function lives(ctx: Context, owner: string): Promise<boolean> {
  const [row] = await ctx.db.read<{ free: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended(${ownerLock(owner)}, 0)) as free`;
  return !row?.free;
}

async function dropBatch(
  ctx: Context,
  { batch, stream, owner }: Unfinished,
  fault: DropInput["fault"],
): Promise<void> {
  await deleteRows(await ctx.click(), stream, batch);
  fault?.("rows deleted");
  await write(ctx, { scope: "events:write", repeatable: true }, async (tx) => {
    const done = await tx`
      update ingest_batches set state = 'dropped' where batch = ${batch} and state = 'writing' and owner = ${owner} returning batch`;
    if (done.length === 0) return { result: undefined, entry: [] };
    await tx`delete from ingest_requests where batch = ${batch}`;
    return { result: undefined, entry: { kind: "logs.dropped", body: { stream, batch } } };
  });
}

async function deleteRows(click: Click, stream: string, batch: number): Promise<void> {
  const [found] = await click.query(
    z.object({ there: z.number() }),
    "select count() as there from events where source = {stream:String} and batch = {batch:UInt64}",
    { stream, batch },
  );
  // Deleting rewrites parts (0.6 s); mostly there is nothing.
  if (found?.there === 0) return;
  await click.command(
    "delete from events where source = {stream:String} and batch = {batch:UInt64}",
    { stream, batch },
  );
}

const KEPT_MS = 24 * 3_600_000;
/** Batches that no detection has looked at wait for it for a week more. */
const UNSEEN_MS = 7 * 24 * 3_600_000;

/** Requests are remembered for a day. Batches too, then a late insert of a dropped one (its writer's statement outlived it) is taken back. */
export async function pruneIngest(ctx: Context): Promise<void> {
  const before = new Date(ctx.clock.now().getTime() - KEPT_MS);
  const dropped = await ctx.db.read`
    select batch, stream, owner from ingest_batches where state = 'dropped' and arrived_at < ${before}`;
  for (const row of dropped) {
    const { stream, batch } = Unfinished.parse(row);
    await deleteRows(await ctx.click(), stream, batch);
  }
  await write(ctx, "events:write", async (tx) => {
    await tx`delete from ingest_requests where at < ${before}`;
    await tx`
      delete from ingest_batches where state != 'writing' and arrived_at < ${before}
        and (batch <= (select batch from detect_position) or arrived_at < ${new Date(before.getTime() - UNSEEN_MS)})`;
    return { result: undefined, entry: [] };
  });
}
