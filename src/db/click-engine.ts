// The embedded ClickHouse of this process: libchdb, which holds one folder a process. Every `Click` on it has its own
// connections and its own database. Ours alone: another process is refused by a lock of ours that says who holds it.
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Session } from "chdb";
import { TocsinError } from "../core/errors.ts";
import { type FolderLock, lockFolder } from "./folder-lock.ts";

export type EngineInput = {
  /** Becomes libchdb's folder. */
  readonly path: string;
  /** Of the engine's own allocations; about 230 MB of mapped library come on top. */
  readonly memoryBytes: number;
  readonly who: string;
};

export type Engine = {
  /** A connection of its own: it runs one query at a time and keeps its settings and its current database. */
  connect(): Session;
  release(): Promise<void>;
};

type Open = {
  readonly path: string;
  readonly lock: FolderLock;
  readonly keeper: Session;
  users: number;
};

// The library's limit made visible: one folder a process.
let open: Promise<Open> | undefined;

/** @throws TocsinError `unavailable` where another process holds the folder, `conflict` where this one holds another */
export async function openEngine(input: EngineInput): Promise<Engine> {
  const path = resolve(input.path);
  open ??= start(path, input).catch((error: unknown) => {
    open = undefined;
    throw error;
  });
  const engine = await open;
  if (engine.path !== path) {
    throw new TocsinError(
      "conflict",
      `this process has the ClickHouse in ${engine.path} open: one at a time`,
    );
  }
  engine.users += 1;
  const { Session: Connection } = await import("chdb");
  return { connect: () => new Connection(path), release: () => leave(engine) };
}

async function start(path: string, { memoryBytes, who }: EngineInput): Promise<Open> {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const lock = await lockFolder({ path: `${path}.lock`, who, waitMs: 2_000 });
  try {
    const { Session: Connection } = await import("chdb");
    // The first connection starts the engine, and its arguments are the engine's.
    const keeper = new Connection(path, {
      connectionArgs: [`--max_server_memory_usage=${memoryBytes}`],
    });
    return { path, lock, keeper, users: 0 };
  } catch (cause) {
    lock.release();
    throw new TocsinError("unavailable", `the embedded ClickHouse does not start in ${path}`, {
      cause,
    });
  }
}

async function leave(engine: Open): Promise<void> {
  engine.users -= 1;
  if (engine.users > 0) return;
  open = undefined;
  engine.keeper.close();
  const { drainPending } = await import("chdb");
  await drainPending();
  engine.lock.release();
}
