// The keys that Tocsin seals with, one file each in the data folder, 0600, in age's own text form: `age -d -i FILE` opens
// what was sealed even where there is no Tocsin.
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { TocsinError } from "../core/errors.ts";
import type { DataFolder } from "../db/folder.ts";
import { syncFolder } from "./sync-folder.ts";

export type Identity = { readonly secret: string; readonly recipient: string };

/** `evidence` opens what is kept; `work` opens only what travels to workers, so that they need no key to the evidence. */
export type Purpose = "evidence" | "work";

/** Made at first use. Two processes at once agree on one. */
export async function identityOf(folder: DataFolder, purpose: Purpose): Promise<Identity> {
  const path = join(folder.data, "keys", `${purpose}.agekey`);
  const secret = (await read(path)) ?? (await make(path));
  return { secret, recipient: await identityToRecipient(secret) };
}

async function read(path: string): Promise<string | undefined> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const secret = text.split("\n").find((line) => line.startsWith("AGE-SECRET-KEY-1"));
  if (!secret)
    throw new TocsinError("invalid", `${path} holds no age identity: restore it from a backup`);
  return secret.trim();
}

// Durable before it is used: content sealed for a key that a crash took away would be lost. `link` never replaces another's.
async function make(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  const secret = await generateX25519Identity();
  try {
    await using file = await open(draft, "wx", 0o600);
    await file.writeFile(`# public key: ${await identityToRecipient(secret)}\n${secret}\n`);
    await file.sync();
    await link(draft, path);
    await syncFolder(dirname(path));
    return secret;
  } catch (error) {
    const theirs = isCode(error, "EEXIST") ? await read(path) : undefined;
    if (theirs === undefined) throw error;
    return theirs;
  } finally {
    await rm(draft, { force: true });
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
