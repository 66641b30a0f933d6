// The checkpoints outside the database: one JSON line each, only ever appended to.
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Context } from "../db/context.ts";
import { ledgerFolder } from "./ledger-key.ts";

const Line = z.object({ at: z.string(), note: z.string() });
export type StoredNote = z.output<typeof Line>;

/** Durable when it returns. */
export async function appendCheckpoint(ctx: Context, stored: StoredNote): Promise<void> {
  await mkdir(ledgerFolder(ctx), { recursive: true, mode: 0o700 });
  await using file = await open(pathOf(ctx), "a", 0o600);
  const { size } = await file.stat();
  // A line that a crash cut short is ended first, so that it spoils nothing but itself.
  const torn = size > 0 && (await endsTorn(ctx));
  await file.writeFile(`${torn ? "\n" : ""}${JSON.stringify(stored)}\n`);
  await file.sync();
}

/** In the order of signing. `torn` counts lines that a crash (or a hand) left unreadable. */
export async function readCheckpoints(
  ctx: Context,
): Promise<{ notes: StoredNote[]; torn: number }> {
  const lines = (await textOf(ctx)).split("\n").filter((line) => line !== "");
  const notes = lines.map(readLine).filter((line) => line !== undefined);
  return { notes, torn: lines.length - notes.length };
}

function readLine(line: string): StoredNote | undefined {
  try {
    return Line.parse(JSON.parse(line));
  } catch {
    return undefined; // Counted as torn.
  }
}

async function endsTorn(ctx: Context): Promise<boolean> {
  return !(await textOf(ctx)).endsWith("\n");
}

async function textOf(ctx: Context): Promise<string> {
  try {
    return await readFile(pathOf(ctx), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

function pathOf(ctx: Context): string {
  return join(ledgerFolder(ctx), "checkpoints.ndjson");
}
