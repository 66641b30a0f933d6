// Small requests become few batches: what comes for one stream within 200 ms goes into ClickHouse together. Each sender waits for the batch
// that its records are in.
import { randomUUID } from "node:crypto";
import { TocsinError } from "../../core/errors.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import type { Format } from "../format.ts";
import type { IngestRequest, Taken } from "./batch-state.ts";
import { dropUnfinished, ownerLock } from "./drop-unfinished.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Stream } from "./stream.ts";
import { writeBatch, type WriteBatchInput } from "./write-batch.ts";

export type Ingest = AsyncDisposable & {
  /** Resolves once the records are durable in both stores, or with why they were not taken. */
  take(input: TakeInput): Promise<Taken | Refusal>;
  /** Drops what a dead writer left, or a failed one of this process. Called once a second. */
  tend(): Promise<number>;
};

export type TakeInput = {
  readonly stream: Stream;
  readonly format: Format;
  readonly request: IngestRequest;
};

export type IngestOptions = {
  /** Between the beginnings of two batches of a stream. */
  readonly everyMs?: number;
  /** A batch that has so many is not waited for. */
  readonly fullBytes?: number;
  readonly fault?: WriteBatchInput["fault"];
};

type Waiting = {
  readonly request: IngestRequest;
  readonly answer: (with_: Taken | Refusal) => void;
};

/** Requests of one stream in one format that wait for their batch. */
type Lane = {
  readonly stream: Stream;
  readonly format: Format;
  waiting: Waiting[];
  bytes: number;
  /** Ends when nothing waits. */
  running: Promise<void> | undefined;
  begunAt: number;
  wake: (() => void) | undefined;
};

/** @throws TocsinError `forbidden` */
export async function openIngest(ctx: Context, options: IngestOptions = {}): Promise<Ingest> {
  requireScope(ctx.actor, "events:write");
  const owner = randomUUID();
  const session = await ctx.db.read.reserve();
  await session`select pg_advisory_lock(hashtextextended(${ownerLock(owner)}, 0))`;
  const active = new Set<number>();
  const lanes = new Map<string, Lane>();
  const write = async (lane: Lane, some: readonly Waiting[]): Promise<void> => {
    const requests = some.map(({ request }) => request);
    const input = { stream: lane.stream, format: lane.format, owner, requests, active };
    const { fault } = options;
    const answers = await writeOrRefuse(ctx, { ...input, ...(fault ? { fault } : {}) });
    for (const [index, one] of some.entries()) one.answer(answers[index] ?? UNAVAILABLE);
  };
  return {
    take: async ({ stream, format, request }) => {
      const lane = laneOf(lanes, stream, format);
      return await new Promise((answer) => {
        lane.waiting.push({ request, answer });
        lane.bytes += request.bytes;
        if (lane.bytes >= (options.fullBytes ?? FULL_BYTES)) lane.wake?.();
        lane.running ??= run(lane, write, options);
      });
    },
    tend: async () => await dropUnfinished(ctx, { owner, active }),
    [Symbol.asyncDispose]: async () => {
      await Promise.allSettled([...lanes.values()].map(async ({ running }) => await running));
      await session`select pg_advisory_unlock(hashtextextended(${ownerLock(owner)}, 0))`.finally(
        () => session.release(),
      );
    },
  };
}

const EVERY_MS = 200;
const FULL_BYTES = 8 << 20;
/** Of one batch: more would be more than one block of ClickHouse, and more than one part. */
const MOST_REQUESTS = 2_000;

const UNAVAILABLE = refuse(503, "the stores do not answer just now: send it again", 2);

function laneOf(lanes: Map<string, Lane>, stream: Stream, format: Format): Lane {
  const key = `${stream.name}\n${format.name}`;
  const made = lanes.get(key) ?? {
    stream,
    format,
    waiting: [],
    bytes: 0,
    running: undefined,
    begunAt: 0,
    wake: undefined,
  };
  lanes.set(key, made);
  return made;
}

async function run(
  lane: Lane,
  write: (lane: Lane, some: readonly Waiting[]) => Promise<void>,
  { everyMs = EVERY_MS, fullBytes = FULL_BYTES }: IngestOptions,
): Promise<void> {
  while (lane.waiting.length > 0) {
    if (lane.bytes < fullBytes) await pause(lane, lane.begunAt + everyMs - performance.now());
    lane.begunAt = performance.now();
    const some = takeSome(lane, fullBytes);
    await write(lane, some);
  }
  lane.running = undefined; // at once: whoever comes next must find either something that runs, or nothing
}

function takeSome(lane: Lane, fullBytes: number): Waiting[] {
  let bytes = 0;
  let count = 0;
  for (const { request } of lane.waiting) {
    if (count > 0 && (bytes >= fullBytes || count >= MOST_REQUESTS)) break;
    bytes += request.bytes;
    count += 1;
  }
  lane.bytes -= bytes;
  return lane.waiting.splice(0, count);
}

async function pause(lane: Lane, ms: number): Promise<void> {
  if (ms <= 0) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    lane.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  lane.wake = undefined;
}

/** A store that fails is no bug: the senders are told to come back. */
async function writeOrRefuse(ctx: Context, input: WriteBatchInput): Promise<(Taken | Refusal)[]> {
  try {
    return await writeBatch(ctx, input);
  } catch (error) {
    if (error instanceof TocsinError)
      ctx.log.warn({ err: error, stream: input.stream.name }, "a batch of logs was not taken");
    else
      ctx.log.error(
        { err: error, stream: input.stream.name },
        "a bug in tocsin: a batch of logs was not taken",
      );
    return input.requests.map(() => UNAVAILABLE);
  }
}
