import type { Scope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { claimChunk, type Chunk } from "./claim-chunk.ts";
import { chunkTasks, type OpenTask } from "./chunk-tasks.ts";
import { record } from "./record.ts";

export type SweepInput = {
  readonly step: {
    readonly id: number;
    readonly run: string;
    readonly incident: string;
    readonly step: number;
  };
  readonly holder: string;
  readonly leaseMs: number;
  readonly scope: Scope;
};

/**
 * For an abort: leases one chunk that nobody works on and that has no marks, and refuses what is left of it. Answers false where there
 * is none. If we crash here the lease ends and the next sweep does it.
 */
export async function sweepChunk(ctx: Context, input: SweepInput): Promise<boolean> {
  const chunk = await claimChunk(ctx, { ...input, sweep: true });
  if (!chunk) return false;
  await refuseLeft(ctx, chunk, input);
  return true;
}

async function refuseLeft(
  ctx: Context,
  chunk: Chunk,
  { leaseMs, scope }: SweepInput,
): Promise<void> {
  const left = await chunkTasks(ctx, chunk, true);
  await record(ctx, {
    chunk,
    settled: [...left.tasks, ...left.later].map(aborted),
    leaseMs,
    scope,
  });
}

export function aborted(task: OpenTask) {
  if (task.gone) return { task, ended: { state: "gone" as const } };
  return { task, ended: { state: "refused" as const, reason: "aborted" } };
}
