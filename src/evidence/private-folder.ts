// Folders for what must not outlive its use. Their names carry the process, so that the next one can tell a crash's
// leftovers from what another live process is using.
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import type { DataFolder } from "../db/folder.ts";

const NAME = /^private-(\d+)-[0-9a-f-]{36}$/;

export type PrivateFolder = AsyncDisposable & { readonly path: string };

/** 0700, gone with its disposal. */
export async function privateFolder(folder: DataFolder): Promise<PrivateFolder> {
  const path = join(folder.data, "tmp", `private-${process.pid}-${randomUUID()}`);
  await mkdir(path, { recursive: true, mode: 0o700 });
  return {
    path,
    [Symbol.asyncDispose]: async () => await rm(path, { recursive: true, force: true }),
  };
}

/** At start: removes what a crash left, in the clear or half sealed. Returns how many. */
export async function removeLeftovers(folder: DataFolder): Promise<number> {
  let removed = 0;
  for (const name of await namesIn(join(folder.data, "tmp"))) {
    const pid = Number(NAME.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    await rm(join(folder.data, "tmp", name), { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

async function namesIn(path: string): Promise<string[]> {
  return await readdir(path).catch(() => []);
}

// A process id may be used again by something else: then its leftovers wait for the next start.
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
