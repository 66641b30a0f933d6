import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { MailProvider } from "../config/mail-schema.ts";
import { TocsinError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { Context } from "../db/context.ts";

/** What mail needs of a context: no store. */
export type MailContext = Pick<Context, "organisation" | "folder">;

/** Whether the provider took the message with this Message-ID. Anything but a clear yes or no is `unknown`. */
export type Lookup = (messageId: string) => Promise<"taken" | "not-taken" | "unknown">;

const TIMEOUT_MS = 10_000;

/** @throws TocsinError `invalid` where the token cannot be read or the address lacks `{message_id}` */
export async function openLookup(
  ctx: MailContext,
  config: NonNullable<MailProvider["lookup"]>,
): Promise<Lookup> {
  if (!config.url.includes("{message_id}")) {
    throw new TocsinError("invalid", "lookup.url: write {message_id} where the Message-ID goes");
  }
  const token = config.token_file === undefined ? undefined : await tokenOf(ctx, config.token_file);
  const headers = token ? { authorization: `Bearer ${token.reveal()}` } : {};
  return async (messageId) => {
    const url = config.url.replaceAll("{message_id}", encodeURIComponent(messageId));
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const answer = await fetch(url, { headers, redirect: "error", signal });
      await answer.body?.cancel();
      if (answer.status === 200) return "taken";
      return answer.status === 404 ? "not-taken" : "unknown";
    } catch {
      return "unknown";
    }
  };
}

async function tokenOf(ctx: MailContext, path: string): Promise<Secret> {
  try {
    return new Secret((await readFile(resolve(ctx.folder.root, path), "utf8")).trim());
  } catch (cause) {
    throw new TocsinError("invalid", `the lookup token cannot be read from ${path}`, { cause });
  }
}
