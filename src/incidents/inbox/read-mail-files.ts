import { z } from "zod";
import { parse } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { mailFiles, type MailFile } from "../../mail/incoming/mail-files.ts";
import { receiveMails, type Received } from "./receive-mails.ts";
import { MAIL_KINDS, type MailKind } from "./sort-mail.ts";

export const ReadMailInput = z.strictObject({
  paths: z
    .array(z.string().min(1))
    .min(1)
    .max(1_000)
    .describe("messages, mboxes, Maildirs, folders; absolute"),
  name: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("what to call where it came from, instead of its path"),
});

export type MailReport = {
  readonly messages: number;
  /** Taken before. */
  readonly known: number;
  readonly kinds: Readonly<Record<MailKind, number>>;
  /** Reports that carried a token of a notice of ours. */
  readonly matched: number;
  /** The first hundred of what was set aside. */
  readonly unread: readonly {
    readonly source: string;
    readonly identity: string;
    readonly trouble: string;
  }[];
};

/** A transaction's worth: long enough that its cost is nothing, short enough that a crash costs nothing. */
const BATCH = 100;
const BATCH_BYTES = 32 * 1024 * 1024;

/** Takes in every message of the files, each once however often it is read. @throws TocsinError `not_found` */
export async function readMailFiles(
  ctx: Context,
  input: z.input<typeof ReadMailInput>,
): Promise<MailReport> {
  requireScope(ctx.actor, "mail:write");
  const { paths, name } = parse(ReadMailInput, input);
  const tally = mailTally();
  for await (const batch of batches(paths)) {
    ctx.signal.throwIfAborted();
    const named = name === undefined ? batch : batch.map(({ raw }) => ({ raw, source: name }));
    tally.add(await receiveMails(ctx, named));
    ctx.progress({ what: "mail", done: tally.report().messages, unit: "messages" });
  }
  return tally.report();
}

async function* batches(paths: readonly string[]): AsyncGenerator<MailFile[]> {
  let batch: MailFile[] = [];
  let bytes = 0;
  for (const path of paths) {
    for await (const one of mailFiles(path)) {
      batch.push(one);
      bytes += one.raw.length;
      if (batch.length < BATCH && bytes < BATCH_BYTES) continue;
      yield batch;
      batch = [];
      bytes = 0;
    }
  }
  if (batch.length > 0) yield batch;
}

export type MailTally = { add(received: readonly Received[]): void; report(): MailReport };

export function mailTally(): MailTally {
  const kinds = new Map<MailKind, number>(MAIL_KINDS.map((kind) => [kind, 0]));
  const unread: MailReport["unread"][number][] = [];
  let [messages, known, matched] = [0, 0, 0];
  return {
    add: (received) => {
      for (const { state, kind, notices, source, identity, trouble } of received) {
        messages += 1;
        if (state === "known") known += 1;
        else {
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
          if (notices > 0) matched += 1;
          if (kind === "unread" && unread.length < 100)
            unread.push({ source, identity, trouble: trouble ?? "" });
        }
      }
    },
    report: () => ({ messages, known, matched, unread, kinds: countsOf(kinds) }),
  };
}

function countsOf(kinds: ReadonlyMap<MailKind, number>): Record<MailKind, number> {
  const of = (kind: MailKind): number => kinds.get(kind) ?? 0;
  return {
    bounce: of("bounce"),
    complaint: of("complaint"),
    "auto-reply": of("auto-reply"),
    dmarc: of("dmarc"),
    "dmarc-failure": of("dmarc-failure"),
    tls: of("tls"),
    letter: of("letter"),
    unread: of("unread"),
  };
}
