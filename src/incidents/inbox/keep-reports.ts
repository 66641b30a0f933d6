// What reports say of who sends as us: the records into ClickHouse, who it is into Postgres with the message. Reports come from anybody and
// are not signed: they count only for domains that are ours, and what they say is shown with who says it.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { sha256Hex } from "../../core/digest.ts";
import type { Json } from "../../core/canonical.ts";
import { rowsOf } from "../../core/parse.ts";
import type { Context } from "../../db/context.ts";
import type { Tx } from "../../db/postgres.ts";
import type { Finding } from "../../detect/finding.ts";
import { type Stored, storeFindings } from "../../detect/findings/store-findings.ts";
import { privateFolder } from "../../evidence/private-folder.ts";
import type { AggregateReport } from "../../mail/reports/dmarc-aggregate.ts";
import type { AnyReport } from "../../mail/reports/read-reports.ts";
import { isWithin, senderOf, type Sender, type Standing } from "../../mail/reports/sender-of.ts";
import type { TlsReport } from "../../mail/reports/tls-report.ts";

export type KeptReport = { readonly mail: string; readonly report: AnyReport };

/** Whose name we look after: the organisation's domain, the one it writes from, those that it signs for. */
export function ownDomains({ organisation }: Pick<Context, "organisation">): string[] {
  const { mail } = organisation;
  const dkim = mail?.dkim === undefined ? [] : [mail.dkim].flat();
  const from = mail?.from.address.split("@")[1] ?? "";
  const all = [organisation.organisation.domain, from, ...dkim.map(({ domain }) => domain)];
  return [...new Set(all.map((one) => one.toLowerCase()).filter((one) => one !== ""))];
}

/** Whether it is about a domain of ours. */
export function isOurs(ctx: Pick<Context, "organisation">, report: AnyReport): boolean {
  const own = ownDomains(ctx);
  const about =
    report.kind === "tls" ? report.results.map(({ domain }) => domain) : [report.domain];
  return about.some((domain) => own.some((parent) => isWithin(domain, parent)));
}

/**
 * Before the transaction that makes them known. Rows of a report that is written again take the place of themselves: after a crash, and
 * where ClickHouse was lost and the mailbox is read again.
 */
export async function loadReports(ctx: Context, kept: readonly KeptReport[]): Promise<void> {
  const records = kept.flatMap(({ mail, report }) =>
    report.kind === "dmarc" ? dmarcRows(mail, report) : [],
  );
  const results = kept.flatMap(({ mail, report }) =>
    report.kind === "tls" ? tlsRows(mail, report) : [],
  );
  await load(ctx, { table: "dmarc_records", structure: DMARC, rows: records });
  await load(ctx, { table: "tls_results", structure: TLS, rows: results });
}

type Load = {
  readonly table: string;
  readonly structure: readonly string[];
  readonly rows: readonly Json[];
};

async function load(ctx: Context, { table, structure, rows }: Load): Promise<void> {
  if (rows.length === 0) return;
  const click = await ctx.click();
  await using folder = await privateFolder(ctx.folder);
  const path = join(folder.path, `${table}.ndjson`);
  await writeFile(path, rows.map((row) => JSON.stringify(row)).join("\n"), { mode: 0o600 });
  const columns = structure.map((column) => column.split(" ", 1)[0]).join(", ");
  await click.load({
    into: `${table} (${columns})`,
    select: (source) => `select ${columns} from ${source}`,
    path,
    format: "JSONEachRow",
    structure: structure.join(", "),
  });
}

const REPORT = [
  "domain String",
  "reporter String",
  "report_id String",
  "place UInt32",
  "begin UInt32",
  "end UInt32",
  "mail String",
];
const DMARC = [
  ...REPORT,
  "source String",
  "messages UInt64",
  "sender String",
  "standing String",
  "disposition String",
  "dkim_aligned Bool",
  "spf_aligned Bool",
  "header_from String",
  "envelope_from String",
  "dkim Array(String)",
  "spf Array(String)",
  "overrides Array(String)",
];
const TLS = [
  ...REPORT,
  "policy String",
  "failure String",
  "succeeded UInt64",
  "failed UInt64",
  "sender String",
  "mx String",
];

function dmarcRows(mail: string, report: AggregateReport): Json[] {
  const { domain, records } = report;
  return records.map((record, at) => ({
    ...commonRow(mail, report, at),
    domain,
    ...senderOf(record, domain),
    source: record.source,
    messages: record.messages,
    disposition: record.disposition,
    dkim_aligned: record.dkimAligned,
    spf_aligned: record.spfAligned,
    header_from: record.headerFrom,
    envelope_from: record.envelopeFrom,
    dkim: record.dkim.map((one) => `${one.domain}/${one.selector}=${one.result}`),
    spf: record.spf.map((one) => `${one.domain}=${one.result}`),
    overrides: [...record.overrides],
  }));
}

function tlsRows(mail: string, report: TlsReport): Json[] {
  return report.results.map((result, at) => ({ ...commonRow(mail, report, at), ...result }));
}

function commonRow(mail: string, report: AggregateReport | TlsReport, at: number) {
  return {
    mail,
    reporter: report.reporter,
    report_id: report.reportId,
    place: at + 1,
    begin: seconds(report.begin),
    end: seconds(report.end),
  };
}

function seconds(at: Date): number {
  return Math.max(0, Math.floor(at.getTime() / 1000));
}

/** Counts them, once each, and makes a finding of whoever was not there before. In the transaction that makes their messages known. */
export async function recordReports(
  tx: Tx,
  ctx: Context,
  kept: readonly KeptReport[],
): Promise<Stored | undefined> {
  const findings: Finding[] = [];
  for (const { mail, report } of kept) {
    if (!(await isNew(tx, ctx, { mail, report }))) continue;
    if (report.kind === "dmarc") findings.push(...(await recordSenders(tx, ctx, report)));
  }
  return findings.length > 0 ? await storeFindings(tx, ctx, { findings }) : undefined;
}

// One report may come by two ways, as two messages: its own id says that it is one.
async function isNew(tx: Tx, ctx: Context, { mail, report }: KeptReport): Promise<boolean> {
  const { kind, reporter } = report;
  const now = ctx.clock.now();
  const [id, domain, begin, end] =
    report.kind === "dmarc-failure"
      ? [mail, report.domain, now, now]
      : [
          report.reportId,
          report.kind === "tls" ? (report.results[0]?.domain ?? "") : report.domain,
          report.begin,
          report.end,
        ];
  const { messages, failed, records, bad } = sums(report);
  const made = await tx`
    insert into mail_reports (kind, reporter, report_id, domain, mail, begin_at, end_at, messages, failed, records, bad)
    values (${kind}, ${reporter}, ${id}, ${domain}, ${mail}, ${begin}, ${end}, ${messages}, ${failed}, ${records}, ${bad})
    on conflict do nothing returning kind`;
  return made.length > 0;
}

function sums(report: AnyReport): {
  messages: number;
  failed: number;
  records: number;
  bad: number;
} {
  if (report.kind === "dmarc-failure") return { messages: 1, failed: 1, records: 1, bad: 0 };
  if (report.kind === "tls") {
    const whole = report.results.filter(({ failure }) => failure === "");
    const failed = whole.reduce((sum, one) => sum + one.failed, 0);
    const messages = whole.reduce((sum, one) => sum + one.succeeded, failed);
    return { messages, failed, records: report.results.length, bad: 0 };
  }
  const { records, bad } = report;
  const failing = records.filter(({ dkimAligned, spfAligned }) => !dkimAligned && !spfAligned);
  return {
    messages: records.reduce((sum, one) => sum + one.messages, 0),
    failed: failing.reduce((sum, one) => sum + one.messages, 0),
    records: records.length,
    bad,
  };
}

/** Whoever sends in the first two weeks that are reported was there before us. */
const LEARNING_MS = 14 * 86_400_000;
const OLDEST_MS = 400 * 86_400_000;
const KEPT_ADDRESSES = 20;

type Group = Sender & { readonly addresses: Set<string>; messages: number; readonly place: number };

async function recordSenders(tx: Tx, ctx: Context, report: AggregateReport): Promise<Finding[]> {
  const learning = await isLearning(tx, ctx, report);
  const findings: Finding[] = [];
  for (const group of groupsOf(report)) {
    const { sender, standing, messages, addresses } = group;
    const some = [...addresses].slice(0, KEPT_ADDRESSES);
    const [row] = await tx<{ fresh: boolean }[]>`
      insert into mail_sources (domain, sender, standing, learnt, messages, addresses, first_at, last_at)
      values (${report.domain}, ${sender}, ${standing}, ${learning}, ${messages}, ${some}, ${report.begin}, ${report.end})
      on conflict (domain, sender) do update set messages = mail_sources.messages + excluded.messages,
        standing = excluded.standing,
        addresses = (select array_agg(one order by at) from (
          select one, min(at) as at from unnest(excluded.addresses || mail_sources.addresses) with ordinality as a(one, at)
          group by one order by 2 limit ${KEPT_ADDRESSES}) as kept),
        first_at = least(mail_sources.first_at, excluded.first_at), last_at = greatest(mail_sources.last_at, excluded.last_at)
      returning xmax = 0 as fresh`;
    if (row?.fresh && !learning) findings.push(findingOf(report, group));
  }
  return findings;
}

const First = z.object({ first: z.date().nullable() });

// A report says of itself when it was. One that claims to be from long ago must not end the learning before it began.
async function isLearning(
  tx: Tx,
  ctx: Context,
  { domain, begin }: AggregateReport,
): Promise<boolean> {
  const oldest = new Date(ctx.clock.now().getTime() - OLDEST_MS);
  const [row] = rowsOf(
    First,
    await tx`
      select min(begin_at) as first from mail_reports where kind = 'dmarc' and domain = ${domain} and begin_at >= ${oldest}`,
  );
  return begin.getTime() < (row?.first ?? begin).getTime() + LEARNING_MS;
}

function groupsOf(report: AggregateReport): Group[] {
  const groups = new Map<string, Group>();
  for (const [at, record] of report.records.entries()) {
    const own = senderOf(record, report.domain);
    const group = groups.get(own.sender) ?? {
      ...own,
      addresses: new Set(),
      messages: 0,
      place: at + 1,
    };
    groups.set(own.sender, group);
    group.messages += record.messages;
    group.addresses.add(record.source);
  }
  return [...groups.values()];
}

const LEVELS = {
  aligned: "high",
  authenticated: "medium",
  unauthenticated: "informational",
} as const satisfies Record<Standing, Finding["rule"]["level"]>;

// What fails everywhere is a forger's or a forgotten machine's: one finding a domain, however many they are.
function findingOf(report: AggregateReport, { sender, standing, messages, place }: Group): Finding {
  const { domain, reporter, reportId, begin, end } = report;
  const failing = standing === "unauthenticated";
  const id = failing ? "tocsin-mail-unauthenticated" : "tocsin-mail-new-source";
  const entities = [
    { name: "domain", value: domain },
    ...(failing ? [] : [{ name: "sender", value: sender }]),
  ];
  return {
    uid: sha256Hex(id, "\0", domain, "\0", sender, "\0", begin.toISOString()).slice(0, 32),
    rule: {
      id,
      title: failing
        ? "mail that claims to be ours fails authentication, from a new network"
        : "a new source sends as us",
      level: LEVELS[standing],
      tags: failing ? ["attack.t1656"] : ["attack.t1586.002"],
      file: "DMARC reports",
    },
    first: micro(begin),
    last: micro(end),
    count: messages,
    entities,
    value: undefined,
    events: [{ source: `dmarc ${reporter} ${reportId}`, place, time: micro(begin) }],
  };
}

function micro(at: Date): string {
  return at.toISOString().replace("Z", "000Z");
}
