import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TocsinError } from "../core/errors.ts";
import type { Context } from "../db/context.ts";
import {
  noteSigner,
  parseVerifier,
  verifierLine,
  type NoteSigner,
  type NoteVerifier,
} from "./signed-note.ts";

/** The folder of the key and the checkpoints: outside the database, so that a rewritten database is noticed. */
export function ledgerFolder(ctx: Context): string {
  return join(ctx.folder.data, "ledger");
}

/**
 * The key that signs checkpoints; made at the first use, 0600. Whoever has it and the database can rewrite the ledger
 * unseen, save for checkpoints that were given away.
 */
export async function ledgerSigner(ctx: Context): Promise<NoteSigner> {
  const path = join(ledgerFolder(ctx), "key");
  const stored = (await readOptional(path)) ?? (await makeKey(ctx, path));
  const [, name, seed] = /^tocsin-ledger-key ([^\s+]+) ([A-Za-z0-9+/]{43}=)\n$/.exec(stored) ?? [];
  if (!name || !seed)
    throw new TocsinError("invalid", `${path} is not a ledger key: put it back from the backup`);
  return noteSigner(name, Buffer.from(seed, "base64"));
}

/** The public half, or undefined before the first checkpoint. It may stand alone, on a machine that only verifies. */
export async function ledgerVerifier(ctx: Context): Promise<NoteVerifier | undefined> {
  const line = await readOptional(join(ledgerFolder(ctx), "key.pub"));
  return line === undefined ? undefined : parseVerifier(line);
}

async function makeKey(ctx: Context, path: string): Promise<string> {
  const folder = ledgerFolder(ctx);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = `${ctx.organisation.organisation.domain}/tocsin`.replaceAll(/[\s+]/gu, "-");
  const seed = randomBytes(32);
  const text = `tocsin-ledger-key ${name} ${seed.toString("base64")}\n`;
  // The public half first: a crash between the two leaves a key.pub that the next start replaces.
  await writeFile(join(folder, "key.pub"), `${verifierLine(noteSigner(name, seed))}\n`);
  await using file = await open(path, "wx", 0o600);
  await file.writeFile(text);
  await file.sync();
  return text;
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
