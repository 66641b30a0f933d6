// Postgres refuses to run as root. As root we run it as a system user without rights of its own.
import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { TocsinError } from "../core/errors.ts";

export type RunUser = { readonly name: string; readonly uid: number; readonly gid: number };

/**
 * Undefined where we are not root: then everything runs as ourselves. As root the user `tocsin`, else `nobody`, whose
 * files other services that run as `nobody` could read: `useradd --system tocsin` is better, and the log says so.
 * @throws TocsinError `unavailable` where neither is in /etc/passwd
 */
export function runUser(): RunUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = new Map(passwd().map((user) => [user.name, user]));
  const user = users.get("tocsin") ?? users.get("nobody");
  if (!user) {
    throw new TocsinError(
      "unavailable",
      "postgres does not run as root: make a user with `useradd --system tocsin`",
      {
        retryable: false,
      },
    );
  }
  return user;
}

function passwd(): RunUser[] {
  return readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .filter((fields) => fields.length >= 4)
    .map(([name = "", , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

/** Whether the user may pass through every folder down to the path (its nearest existing ancestor, if it is not there yet). */
export function canReach(user: RunUser, path: string): boolean {
  for (let folder = existing(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = statSync(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

function existing(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return existing(dirname(path));
  }
}
