// Documents from others, read in a process that can be killed: with time and memory by their size. A document that a child did not
// survive is named as unread, and another child reads the rest.
import { spawn } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import type { Unread } from "./document.ts";
import type { ChildInput } from "./read-child.ts";
import { guarded } from "./guarded.ts";
import { stopwatch } from "./stopwatch.ts";
import { PLACES_FILE, type Written } from "./write-parts.ts";
import { WrittenLine } from "./written-line.ts";

export type DocumentInput = {
  /** How its places begin. */
  readonly name: string;
  readonly bytes: number;
  /** A descriptor that stays open, or a stream: then it is asked for again where a child did not survive. */
  readonly open: number | (() => Promise<Readable>);
};

export type ReadDocuments = Written & {
  /** One a document given, as people call it; null where it could not be read. */
  readonly kinds: readonly (string | null)[];
  /** Those within others too. */
  readonly documents: number;
  /** Tab-separated: the first number of a run, its place, what is counted there, from which. */
  readonly places: string;
};

export type ReadDocumentsInput = {
  readonly documents: readonly DocumentInput[];
  /** Private, and empty; what is read lies in it until its owner removes it. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** For tests. */
  readonly limits?: Partial<Limits>;
};

export type Limits = {
  /** For one document, beside a second a megabyte. */
  readonly seconds: number;
  readonly heapMegabytes: number;
};

const LIMITS: Limits = { seconds: 20, heapMegabytes: 1_024 };
/** So many documents of one reading may end their reader. */
const MOST_STOPPED = 50;

export async function readDocuments(input: ReadDocumentsInput): Promise<ReadDocuments> {
  const stopped: (Unread & { readonly number: number })[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const folder = join(input.folder, `reading-${attempt}`);
    await mkdir(folder, { mode: 0o700 });
    const skip = stopped.map(({ number }) => number);
    const ended = await inChild(input, { folder, skip });
    input.signal.throwIfAborted();
    if ("result" in ended) {
      const { result } = ended;
      const unread = stopped.map(({ at, reason, detail }) => ({ at, reason, detail }));
      return {
        ...result,
        unread: [...unread, ...result.unread],
        places: join(folder, PLACES_FILE),
      };
    }
    await rm(folder, { recursive: true, force: true });
    if (ended.busyWith === undefined || stopped.length >= MOST_STOPPED)
      throw new TocsinError("invalid", `documents cannot be read: ${ended.why}`);
    stopped.push({ ...ended.busyWith, reason: "stopped", detail: ended.why });
  }
}

type Ended =
  | { readonly result: z.output<typeof WrittenLine>["result"] }
  | {
      readonly busyWith: { readonly number: number; readonly at: string } | undefined;
      readonly why: string;
    };

type Attempt = { readonly folder: string; readonly skip: readonly number[] };

async function inChild(input: ReadDocumentsInput, attempt: Attempt): Promise<Ended> {
  const limits = { ...LIMITS, ...input.limits };
  const { documents } = input;
  const told: z.input<typeof ChildInput> = {
    ...attempt,
    skip: [...attempt.skip],
    documents: documents.map(({ name, bytes, open }, at) => ({
      name,
      bytes,
      fd: at + 3,
      file: typeof open === "number",
    })),
  };
  const child = spawn(
    process.execPath,
    [...guarded(attempt.folder, limits), CHILD, JSON.stringify(told)],
    {
      cwd: attempt.folder,
      env: {},
      stdio: [
        "ignore",
        "pipe",
        "pipe",
        ...documents.map(({ open }) => (typeof open === "number" ? open : "pipe")),
      ],
    },
  );
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code));
  });
  const stop = (): boolean => child.kill("SIGKILL");
  input.signal.addEventListener("abort", stop, { once: true });
  const watch = stopwatch({ limits, stop });
  try {
    const feeding = feed(documents, child.stdio);
    const said = readLines(child.stdio[1], watch);
    const trouble = tail(child.stdio[2]);
    const code = await exited;
    const result = await said;
    await feeding;
    if (code === 0 && result?.tables.every(({ path }) => isWithin(attempt.folder, path)) === true)
      return { result };
    return { busyWith: watch.busyWith(), why: watch.late() ?? whyOf(await trouble, code) };
  } finally {
    watch.end();
    stop();
    input.signal.removeEventListener("abort", stop);
  }
}

const CHILD = join(import.meta.dirname, "read-child.ts");

type Stdio = ReturnType<typeof spawn>["stdio"];

// Streams are read by the child one after the other. One that it does not take to its end is no error.
async function feed(documents: readonly DocumentInput[], stdio: readonly unknown[]): Promise<void> {
  for (const [at, { open }] of documents.entries()) {
    const to = stdio[at + 3];
    if (typeof open === "number" || !isWritable(to)) continue;
    let failed: unknown;
    const source = await open();
    source.once("error", (error) => {
      failed = error;
    });
    to.on("error", () => {});
    await pipeline(source, to).catch(() => {});
    if (failed !== undefined && !isClosed(failed)) throw failed;
  }
}

function isWritable(to: unknown): to is NodeJS.WritableStream {
  return typeof to === "object" && to !== null && "write" in to;
}

function isClosed(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    /EPIPE|ECONNRESET|PREMATURE_CLOSE|ABORT/.test(String(error.code))
  );
}

async function readLines(
  from: Stdio[1],
  watch: ReturnType<typeof stopwatch>,
): Promise<z.output<typeof WrittenLine>["result"] | undefined> {
  let held = "";
  let result: z.output<typeof WrittenLine>["result"] | undefined;
  for await (const chunk of from ?? []) {
    held += String(chunk);
    const lines = held.split("\n");
    held = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith('{"result"')) result = WrittenLine.parse(JSON.parse(line)).result;
      else watch.line(line);
    }
  }
  return result;
}

function isWithin(folder: string, path: string): boolean {
  return !relative(folder, path).startsWith("..");
}

const TAIL_CHARS = 4_096;

async function tail(from: Stdio[2]): Promise<string> {
  let text = "";
  for await (const chunk of from ?? []) text = (text + String(chunk)).slice(-TAIL_CHARS);
  return text;
}

// What a bug of ours or of a library says may hold what it read: only its kind and place are shown.
function whyOf(trouble: string, code: number | null): string {
  if (/heap out of memory|allocation failed|Array buffer allocation|RangeError/i.test(trouble))
    return "reading it took too much memory";
  const kind = /^(?:Uncaught )?(\w*Error)\b/m.exec(trouble)?.[1];
  const place = /\b((?:src|node_modules)\/[\w./@-]+:\d+)/.exec(trouble)?.[1];
  const what = [
    kind === undefined ? "" : ` with ${kind}`,
    place === undefined ? "" : ` at ${place}`,
  ];
  return `its reader ended${what.join("")} (${code === null ? "killed" : `status ${code}`})`;
}
