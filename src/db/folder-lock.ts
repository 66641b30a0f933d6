// One process at a time on a folder. The lock is SQLite's own file lock: the kernel drops it with the process, so
// there is nothing stale to judge after a crash (a file with a process id in it would need a guess).
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { TocsinError } from "../core/errors.ts";

export type FolderLock = { release(): void };

export type LockInput = {
  /** The lock file; its folder is made. Beside it stands `<path>.holder`, for people. */
  readonly path: string;
  /** Who takes it: `tocsin serve`. Shown to whoever waits for it. */
  readonly who: string;
  readonly waitMs: number;
};

/** @throws TocsinError `unavailable` that names the holder, once `waitMs` have passed */
export async function lockFolder(input: LockInput): Promise<FolderLock> {
  mkdirSync(dirname(input.path), { recursive: true, mode: 0o700 });
  const deadline = performance.now() + input.waitMs;
  for (;;) {
    const lock = tryLock(input);
    if (lock) return lock;
    if (performance.now() >= deadline) {
      throw new TocsinError("unavailable", `${input.path} is held by ${holder(input.path)}`);
    }
    await delay(20);
  }
}

function tryLock({ path, who }: LockInput): FolderLock | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("pragma locking_mode = exclusive; pragma journal_mode = memory; begin exclusive");
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  writeFileSync(
    `${path}.holder`,
    `${who}, process ${process.pid}, since ${new Date().toISOString()}\n`,
  );
  return { release: () => database.close() };
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}

function holder(path: string): string {
  try {
    return readFileSync(`${path}.holder`, "utf8").trim();
  } catch {
    return "another process";
  }
}
