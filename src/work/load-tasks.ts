import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Json } from "../core/canonical.ts";
import { TocsinError } from "../core/errors.ts";
import type { Tx } from "../db/postgres.ts";
import type { TaskInput } from "./handler.ts";

export type LoadInput = {
  readonly run: string;
  /** The step's place in the run, from 0. */
  readonly step: number;
  readonly tasks: AsyncIterable<readonly TaskInput[]> | Iterable<readonly TaskInput[]>;
  /** Secret values that a chunk's tasks need, already sealed. Destroyed when the run closes. */
  readonly seal?: Seal;
  /** Where `tasks` are a part of the step's only: how many were loaded before, all in whole chunks. `endLoading` follows the last. */
  readonly before?: number;
};

export type Seal = (tasks: readonly TaskInput[]) => Promise<Uint8Array>;

type Step = { readonly id: number; readonly step: number; readonly size: number };

/**
 * Materialises a step's tasks, or a part of them, by COPY, in bounded memory, in the order given. Once a step. Answers how many the
 * step then has.
 * @throws TocsinError `conflict` where they, or this part, were loaded before, `not_found` without the run or the step
 */
export async function loadTasks(tx: Tx, input: LoadInput): Promise<number> {
  const step = await claimLoading(tx, input);
  const sealed: Uint8Array[] = [];
  const before = input.before ?? 0;
  let count = before;
  async function* lines(): AsyncGenerator<string> {
    for await (const chunk of inChunks(input.tasks, step.size)) {
      if (input.seal) sealed.push(await input.seal(chunk));
      yield chunk.map((task) => lineOf(step, ++count, task)).join("");
    }
  }
  const into = await tx`copy work_tasks (run, step, n, gone, key, payload) from stdin`.writable();
  await pipeline(Readable.from(lines()), into);
  await makeChunks(tx, step, { before, count });
  await keepSealed(tx, step, { first: before / step.size, sealed });
  if (input.before === undefined) await endLoading(tx, input);
  return count;
}

/** A step has all its tasks. */
export async function endLoading(
  tx: Tx,
  { run, step }: Pick<LoadInput, "run" | "step">,
): Promise<void> {
  await tx`
    update work_steps s set loaded = true from work_runs r where r.run = ${run} and s.run = r.id and s.step = ${step}`;
  // Here: the write sessions plan once and for all, and a plan made while the tables were empty reads them whole.
  await tx`analyze work_tasks`;
  await tx`analyze work_chunks`;
}

// The step's row is held until the commit: a process that died may still have a part on its way.
async function claimLoading(tx: Tx, { run, step, before = 0 }: LoadInput): Promise<Step> {
  const [row] = await tx<{ id: number; size: number }[]>`
    update work_steps s set tasks = s.tasks from work_runs r
    where r.run = ${run} and s.run = r.id and s.step = ${step} and not s.loaded and s.tasks = ${before}
    returning s.run as id, s.chunk_size as size`;
  if (row) return { id: row.id, step, size: row.size };
  const known =
    await tx`select 1 from work_runs r join work_steps s on s.run = r.id where r.run = ${run} and s.step = ${step}`;
  if (known.length > 0)
    throw new TocsinError("conflict", `step ${step} of run ${run} has its tasks already`);
  throw new TocsinError("not_found", `run ${run} has no step ${step}`);
}

/** As they come, so many at a time. */
export async function* inChunks(
  tasks: LoadInput["tasks"],
  size: number,
): AsyncGenerator<readonly TaskInput[]> {
  let chunk: TaskInput[] = [];
  for await (const some of tasks) {
    for (const task of some) {
      chunk.push(task);
      if (chunk.length < size) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

function lineOf(step: Step, n: number, task: TaskInput): string {
  return `${step.id}\t${step.step}\t${n}\t${task.gone ? "t" : "f"}\t${copyText(task.key)}\t${copyText(jsonText(task.payload))}\n`;
}

function jsonText(value: Json): string {
  return JSON.stringify(value);
}

// COPY's text format: backslash, tab, newline and carriage return are escaped, all else stands for itself.
function copyText(text: string): string {
  return /[\\\t\n\r]/.test(text)
    ? text.replace(/[\\\t\n\r]/g, (char) => ESCAPED[char] ?? char)
    : text;
}

const ESCAPED: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
};

type Made = { readonly before: number; readonly count: number };

async function makeChunks(
  tx: Tx,
  { id, step, size }: Step,
  { before, count }: Made,
): Promise<void> {
  await tx`
    insert into work_chunks (run, step, chunk, first, last, remaining)
    select ${id}, ${step}, c, c * ${size}::int + 1, least((c + 1) * ${size}::int, ${count}::int),
      least(${size}::int, ${count}::int - c * ${size}::int)
    from generate_series(${before}::int / ${size}::int, (${count}::int + ${size}::int - 1) / ${size}::int - 1) c`;
  await tx`update work_steps set tasks = ${count} where run = ${id} and step = ${step}`;
}

async function keepSealed(
  tx: Tx,
  { id, step }: Step,
  { first, sealed }: { readonly first: number; readonly sealed: readonly Uint8Array[] },
): Promise<void> {
  for (const [place, bytes] of sealed.entries()) {
    await tx`insert into work_sealed (run, step, chunk, sealed) values (${id}, ${step}, ${first + place}, ${bytes})`;
  }
}
