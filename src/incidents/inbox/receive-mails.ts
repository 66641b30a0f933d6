// Messages that came in, a batch at a time: each once, sorted, counted; what they say of our notices stands beside those. A report changes
// something only where it carries a notice's own token, so nobody can make another person unreachable by writing to us.
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Json } from "../../core/canonical.ts";
import { rowsOf } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import type { Tx } from "../../db/postgres.ts";
import { type Entry, write } from "../../ledger/write.ts";
import type { MailFile } from "../../mail/incoming/mail-files.ts";
import { bounceFor, type FateReport, recordFates } from "../../notices/fates/record-fates.ts";
import { NoticePerson } from "../../notices/person.ts";
import { findByToken, type TokenTask } from "../../work/find-by-token.ts";
import { isOurs, type KeptReport, loadReports, recordReports } from "./keep-reports.ts";
import { type MailKind, type SortedMail, sortMail } from "./sort-mail.ts";

export type Received = {
  /** `known`: it was taken before, and changed nothing now. */
  readonly state: "new" | "known";
  readonly identity: string;
  readonly source: string;
  readonly kind: MailKind;
  /** Notices of ours that it is about. */
  readonly notices: number;
  readonly trouble?: string;
};

/** If we crash before the commit, nothing was received and the same is read again; after it, the same is known. */
export async function receiveMails(ctx: Context, mails: readonly MailFile[]): Promise<Received[]> {
  requireScope(ctx.actor, "mail:write");
  const all = await Promise.all(mails.map(async (one) => await sortMail(one)));
  for (const { bug, source } of all)
    if (bug !== undefined)
      ctx.log.error({ err: bug, source }, "a message found a bug: it is set aside");
  const sorted = onceEach(all).map((one) => ({ ...one, ...foreign(ctx, one) }));
  const about = await noticesOf(ctx, sorted);
  await setAside(ctx, sorted);
  await loadReports(ctx, reportsOf(ctx, sorted));
  const fresh = new Set(await store(ctx, sorted, about));
  return all.map(({ identity, source, kind, trouble }) => ({
    // Of two that are the same the first is new.
    state: fresh.delete(identity) ? "new" : "known",
    identity,
    source,
    kind,
    notices: about.get(identity)?.length ?? 0,
    ...(trouble === undefined ? {} : { trouble }),
  }));
}

/** A report about somebody else's domain is kept as a message and counts for nothing. */
function foreign(ctx: Context, { reports }: SortedMail): { trouble?: string } {
  if (reports.length === 0 || reports.some((one) => isOurs(ctx, one))) return {};
  return { trouble: "a report about a domain that is not ours" };
}

/** Reports about domains of ours. */
function reportsOf(ctx: Context, sorted: readonly SortedMail[]): KeptReport[] {
  return sorted.flatMap(({ identity, reports }) =>
    reports.filter((one) => isOurs(ctx, one)).map((report) => ({ mail: identity, report })),
  );
}

function onceEach(sorted: readonly SortedMail[]): SortedMail[] {
  return [...new Map(sorted.map((one) => [one.identity, one])).values()];
}

async function noticesOf(
  ctx: Context,
  sorted: readonly SortedMail[],
): Promise<ReadonlyMap<string, FateReport[]>> {
  const tokens = [...new Set(sorted.flatMap((one) => one.tokens))];
  const tasks = await findByToken(ctx, { tokens, kind: "notice", scope: "mail:write" });
  const byToken = new Map(tasks.map((task) => [task.token, task]));
  return new Map(
    sorted.map((mail) => [
      mail.identity,
      mail.tokens.flatMap((token) => {
        const task = byToken.get(token);
        return task ? fateReport(mail, task) : [];
      }),
    ]),
  );
}

function fateReport({ report }: SortedMail, task: TokenTask): FateReport[] {
  const to = NoticePerson.safeParse(task.payload).data?.to ?? "";
  const bounce = report && bounceFor(report.bounces, to);
  if (!report || !bounce) return [];
  const { run, step, key, incident } = task;
  return [{ run, step, key, incident, kind: report.kind, bounce }];
}

const Identity = z.object({ identity: z.string() });

async function store(
  ctx: Context,
  sorted: readonly SortedMail[],
  about: ReadonlyMap<string, FateReport[]>,
): Promise<string[]> {
  return await write<string[]>(ctx, "mail:write", async (tx) => {
    const fresh = new Set(await storeMails(tx, ctx, { sorted, about }));
    const mails = sorted.filter(({ identity }) => fresh.has(identity));
    await recordFates(
      tx,
      mails.flatMap(({ identity }) => about.get(identity) ?? []),
      ctx.clock.now(),
    );
    const found = await recordReports(tx, ctx, reportsOf(ctx, mails));
    const { opened, grown, suppressed } = found ?? { opened: [], grown: [], suppressed: 0 };
    const body = { by: "mail", opened: [...opened], grown: [...grown], suppressed };
    const findings = found ? [{ kind: "findings.found", body }] : [];
    return { result: [...fresh], entry: [...entriesOf(mails, about), ...findings] };
  });
}

type Storing = {
  readonly sorted: readonly SortedMail[];
  readonly about: ReadonlyMap<string, FateReport[]>;
};

async function storeMails(tx: Tx, ctx: Context, { sorted, about }: Storing): Promise<string[]> {
  const rows: Json[] = sorted.map(({ identity, messageId, source, kind, trouble, bytes }) => ({
    identity,
    message_id: messageId.slice(0, 998),
    source,
    kind,
    notices: about.get(identity)?.length ?? 0,
    trouble: trouble ?? null,
    bytes,
  }));
  const stored = await tx`
    insert into mail_received (identity, message_id, source, kind, notices, trouble, bytes, received_at, received_by)
    select identity, message_id, source, kind, notices, trouble, bytes, ${ctx.clock.now()}, ${ctx.actor.name}
    from jsonb_to_recordset(${tx.json(rows)})
      as m(identity text, message_id text, source text, kind text, notices int, trouble text, bytes bigint)
    on conflict (identity) do nothing returning identity`;
  return rowsOf(Identity, stored).map(({ identity }) => identity);
}

// One entry a batch, and one an incident that it is about. The ledger names the subject, not the address.
function entriesOf(
  mails: readonly SortedMail[],
  about: ReadonlyMap<string, FateReport[]>,
): Entry[] {
  if (mails.length === 0) return [];
  const messages = mails.map(({ identity, kind }) => ({ identity, kind }));
  const incidents = new Map<string, Json[]>();
  for (const { identity } of mails) {
    for (const { incident, run, step, key, kind, bounce } of about.get(identity) ?? []) {
      const { fate, reason, status, hard } = bounce;
      const notices = incidents.get(incident) ?? [];
      incidents.set(incident, notices);
      notices.push({ run, step, subject: key, mail: identity, kind, fate, reason, status, hard });
    }
  }
  return [
    { kind: "mail.received", body: { messages } },
    ...[...incidents].map(([incident, notices]) => ({
      kind: "notices.reported",
      incident,
      body: { notices },
    })),
  ];
}

/** What is set aside may fill so much of the disk: whoever sends us rubbish must not stop what is not. */
const MOST_SET_ASIDE = 1024 * 1024 * 1024;

/** What could not be read is kept as it came, for somebody to look at; before its row, so that no row is without its file. */
async function setAside(ctx: Context, sorted: readonly SortedMail[]): Promise<void> {
  const unread = sorted.filter(({ kind }) => kind === "unread");
  if (unread.length === 0) return;
  const folder = setAsideFolder(ctx);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let left = MOST_SET_ASIDE - (await bytesIn(folder));
  for (const { identity, raw } of unread) {
    if (raw.length <= left) await writeFile(join(folder, `${identity}.eml`), raw, { mode: 0o600 });
    else ctx.log.warn({ identity }, `${folder} is full: look at what is there and delete it`);
    left -= raw.length;
  }
}

async function bytesIn(folder: string): Promise<number> {
  const files = await readdir(folder);
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

export function setAsideFolder({ folder }: Context): string {
  return join(folder.data, "mail", "set-aside");
}
