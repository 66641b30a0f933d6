// `server.json` in the data folder says where the server of this folder listens: 0600, so whoever may read the data may talk to it.
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { DataFolder } from "../db/folder.ts";

const DataServer = z.object({ url: z.string(), token: z.string(), pid: z.int() });
export type DataServer = z.output<typeof DataServer>;

function pathOf(folder: DataFolder): string {
  return join(folder.data, "server.json");
}

export async function publishServer(folder: DataFolder, server: DataServer): Promise<void> {
  const path = pathOf(folder);
  await writeFile(`${path}.new`, JSON.stringify(server), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export async function withdrawServer(folder: DataFolder): Promise<void> {
  await rm(pathOf(folder), { force: true });
}

/** The server that runs on the folder; undefined where there is none, or where its process is dead. */
export async function findServer(folder: DataFolder): Promise<DataServer | undefined> {
  const text = await readFile(pathOf(folder), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const server = DataServer.parse(JSON.parse(text));
  return alive(server.pid) ? server : undefined;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
