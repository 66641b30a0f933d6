// Tocsin as a drill sees it: its commands as child processes, and nothing else. Here is the one server, started again
// each time that it is killed; the most memory that any of its processes ever held is read from /proc before they end.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { TocsinError } from "../core/errors.ts";

export type TocsinInput = {
  /** Before the words of a command: `["node", "bin/tocsin.ts"]`. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  readonly log: string;
  /** 0: never. */
  readonly killEveryMs: number;
  /** Ends every process of ours when it ends. */
  readonly signal: AbortSignal;
  /** Told the process ids that must not outlive the drill. */
  readonly watch: (pid: number) => void;
  readonly forget: (pid: number) => void;
};

export type Tocsin = AsyncDisposable & {
  /** Runs one command with --json. @throws Error with what it said, where it does not end with 0 */
  run(words: readonly string[], options?: RunOptions): Promise<unknown>;
  /** Starts `tocsin serve` and keeps it running, killing it as asked. */
  serve(): Promise<void>;
  /** Lets the server end by itself. */
  stop(): Promise<void>;
  readonly kills: () => number;
  readonly peakRssBytes: () => number;
};

type RunOptions = {
  /** Who types. */
  readonly actor?: string;
  /** Without a server, in the command's own process. */
  readonly alone?: true;
};

type Ended = { readonly status: number; readonly said: Said };

const LEAD = "security-on-call";
/** EX_UNAVAILABLE: the server was away for longer than a command waits. A person types these again. */
const UNAVAILABLE = 69;
const REPEATABLE: ReadonlySet<string> = new Set([
  "plan",
  "apply",
  "runs",
  "people",
  "report",
  "ledger",
]);
const TRIES = 20;

export function openTocsin(input: TocsinInput): Tocsin {
  const log = createWriteStream(input.log, { flags: "a" });
  const memory = watchMemory();
  const server = keepServing(input, log, memory);
  const env = (actor: string, alone: boolean): NodeJS.ProcessEnv => ({
    ...environmentOf(input),
    TOCSIN_ACTOR: actor,
    ...(alone ? {} : { TOCSIN_SERVER: "required" }),
  });
  const typed = async (words: readonly string[], given: RunOptions): Promise<Ended> => {
    input.signal.throwIfAborted();
    const child = start(
      input,
      [...words, "--json"],
      env(given.actor ?? LEAD, given.alone === true),
    );
    const said = collect(child);
    const [status] = await memory.during(child);
    log.write(`tocsin ${words.join(" ")} → ${status}\n${said.err()}\n`);
    return { status, said };
  };
  const run: Tocsin["run"] = async (words, given = {}) => {
    for (let tries = 1; ; tries += 1) {
      const { status, said } = await typed(words, given);
      if (status === 0) return JSON.parse(said.out() || "null");
      input.signal.throwIfAborted();
      if (status !== UNAVAILABLE || !REPEATABLE.has(words[0] ?? "") || tries === TRIES) {
        throw failure(words, status, said);
      }
    }
  };
  return {
    run,
    serve: async () => await server.start(env(LEAD, true)),
    stop: async () => await server.stop(),
    kills: () => server.kills(),
    peakRssBytes: () => memory.peak(),
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      log.end();
    },
  };
}

const PASSED_ON = ["PATH", "HOME", "TMPDIR", "LANG", "XDG_CACHE_HOME", "NODE_OPTIONS"];

// Nothing of the caller's Tocsin may leak in: neither its stores nor its folder.
function environmentOf({ environment, folder }: TocsinInput): NodeJS.ProcessEnv {
  const given = Object.entries(environment).filter(
    ([name, value]) => PASSED_ON.includes(name) && value !== undefined,
  );
  return { ...Object.fromEntries(given), NO_COLOR: "1", PWD: folder };
}

function start(
  { argv, folder, watch, forget, signal }: TocsinInput,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): ChildProcess {
  const [program = "", ...first] = argv;
  // Detached: a Ctrl-C is for the drill, which then ends its children in order.
  const child = spawn(program, [...first, ...words], {
    cwd: folder,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid !== undefined) {
    const end = (): void => void child.kill("SIGTERM");
    watch(pid);
    signal.addEventListener("abort", end, { once: true });
    child.once("exit", () => {
      signal.removeEventListener("abort", end);
      forget(pid);
    });
  }
  return child;
}

type Said = { readonly out: () => string; readonly err: () => string };

function collect(child: ChildProcess): Said {
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => out.push(text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => err.push(text));
  return { out: () => out.join(""), err: () => err.join("") };
}

function failure(words: readonly string[], status: number, said: Said): Error {
  return new Error(
    `tocsin ${words.join(" ")} ended with ${status}: ${said.err().trim() || said.out().trim()}`,
  );
}

type Memory = {
  /** Resolves with the child's end, having looked at its memory meanwhile. */
  during(child: ChildProcess): Promise<[status: number]>;
  peak(): number;
};

const LOOK_EVERY_MS = 200;

/** VmHWM only grows, so a look shortly before the end is enough; a process that lives less than a look is small. */
function watchMemory(): Memory {
  let peak = 0;
  return {
    peak: () => peak,
    during: async (child) => {
      const look = setInterval(() => {
        peak = Math.max(peak, highWaterMark(child.pid));
      }, LOOK_EVERY_MS);
      try {
        const [status]: unknown[] = await once(child, "close");
        return [typeof status === "number" ? status : 137];
      } finally {
        clearInterval(look);
      }
    },
  };
}

/** Of the process and its children in Node (a launcher's child is the program). Postgres is not Tocsin's own memory. */
function highWaterMark(pid: number | undefined): number {
  if (pid === undefined) return 0;
  return Math.max(ownHighWaterMark(pid), ...childrenOf(pid).map(highWaterMark));
}

function ownHighWaterMark(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    if (/^Name:\s*postgres/m.test(status)) return 0;
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) * 1_024;
  } catch {
    return 0; // it has ended, or there is no /proc
  }
}

function childrenOf(pid: number): number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    return tasks.flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8")
        .split(" ")
        .filter(Boolean)
        .map(Number),
    );
  } catch {
    return [];
  }
}

type Server = {
  start(env: NodeJS.ProcessEnv): Promise<void>;
  stop(): Promise<void>;
  kills(): number;
};

const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 60_000;
const AGAIN_AFTER_MS = 100;

function keepServing(input: TocsinInput, log: NodeJS.WritableStream, memory: Memory): Server {
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  let killing: NodeJS.Timeout | undefined;
  let kills = 0;
  let stopping = false;
  // Counted from its being ready: a start takes a second or more of another process's time.
  const killLater = (one: ChildProcess): void => {
    if (input.killEveryMs === 0 || stopping) return;
    killing = setTimeout(() => {
      if (one.pid === undefined || one.exitCode !== null || one.signalCode !== null) return;
      process.kill(-one.pid, "SIGKILL"); // its group: a launcher and the program
      kills += 1;
    }, input.killEveryMs);
  };
  const launch = async (env: NodeJS.ProcessEnv): Promise<void> => {
    const one = start(input, ["serve", "--port", "0", "--json"], env);
    const said = collect(one);
    child = one;
    ended = memory.during(one).then(async ([status]) => {
      log.write(`tocsin serve ended with ${status}\n${said.err()}\n`);
      if (stopping || input.signal.aborted) return;
      await delay(AGAIN_AFTER_MS);
      await launch(env).catch((error: unknown) => log.write(`${String(error)}\n`)); // its own end starts the next
    });
    await untilReady(one, said);
    killLater(one);
  };
  return {
    kills: () => kills,
    start: async (env) => {
      await launch(env).catch((error: unknown) => {
        stopping = true;
        throw error;
      });
    },
    stop: async () => {
      stopping = true;
      clearTimeout(killing);
      if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const late = setTimeout(() => child?.kill("SIGKILL"), STOPPED_WITHIN_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

async function untilReady(child: ChildProcess, said: Said): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!said.out().includes("\n")) {
    if (child.signalCode !== null) return; // killed before it was ready; the next one will be
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new TocsinError("unavailable", `tocsin serve does not start: ${said.err().trim()}`);
    }
    await delay(50);
  }
}
