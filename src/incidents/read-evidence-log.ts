import { createReadStream } from "node:fs";
import { z } from "zod";
import type { Json } from "../core/canonical.ts";
import { sha256Hex } from "../core/digest.ts";
import { TocsinError } from "../core/errors.ts";
import type { Context } from "../db/context.ts";
import type { Tx } from "../db/postgres.ts";
import { findInSource } from "../detect/find-in-source.ts";
import type { Finding } from "../detect/finding.ts";
import { storeFindings } from "../detect/findings/store-findings.ts";
import { organisationRules } from "../detect/organisation-rules.ts";
import { theEvidence } from "../evidence/find-evidence.ts";
import { privateFolder } from "../evidence/private-folder.ts";
import { withUnsealed } from "../evidence/unseal.ts";
import { write } from "../ledger/write.ts";
import type { Format } from "../logs/format.ts";
import { formatOf } from "../logs/formats.ts";
import { logFormat } from "../logs/own-format.ts";
import { readLogs, type ReadSource } from "../logs/read-logs.ts";

export type EvidenceLog = {
  readonly incident: string;
  readonly key: string;
  /** `as` of incident.yaml: a log of tocsin.yaml, or a format. */
  readonly as: string | undefined;
};

export type ReadEvidenceLog = { records: number; broken: number; findings: number };

/** The source of its events: no log of tocsin.yaml has a name with a slash. */
export function evidenceSource({ incident, key }: Pick<EvidenceLog, "incident" | "key">): string {
  return `${incident}/${key}`;
}

/**
 * Reads a log that is evidence into events, from its sealed copy, and looks at it with the organisation's rules. Done before with the same
 * content, format and rules: answers what was found then. A crash anywhere leaves what was there before, and it is done again.
 * @throws TocsinError `invalid` where it cannot be read, or nothing is called what `as` says
 */
export async function readEvidenceLog(ctx: Context, log: EvidenceLog): Promise<ReadEvidenceLog> {
  const evidence = await theEvidence(ctx, log);
  const { format, zone } = waysOf(ctx, log);
  const rules = await organisationRules(ctx);
  const inputs = sha256Hex(
    JSON.stringify([evidence.sha256, format ?? null, zone, rules?.digest ?? null]),
  );
  const known = await knownReading(ctx, log, inputs);
  if (known) return known;
  const source = evidenceSource(log);
  const click = await ctx.click();
  const why = "read as a log";
  const read = await withUnsealed(ctx, { ...log, why }, async (path) => {
    await using folder = await privateFolder(ctx.folder);
    const input = {
      name: evidence.name,
      bytes: evidence.bytes,
      written: undefined,
      open: () => createReadStream(path, { highWaterMark: 1 << 20 }),
    };
    const report = await readLogs(click, {
      inputs: [input],
      sourceOf: () => source,
      ...(format ? { format } : {}),
      zone,
      now: evidence.addedAt,
      folder: folder.path,
      progress: ctx.progress,
      signal: ctx.signal,
    });
    return theOnly(report.sources[0], report.unread[0]?.reason, log);
  });
  const findings = rules ? await findInSource(click, await rules.read(), source) : [];
  return await record(ctx, { log, inputs, read, findings });
}

function theOnly(
  read: ReadSource | undefined,
  reason: string | undefined,
  { incident, key }: EvidenceLog,
): ReadSource {
  if (read) return read;
  throw new TocsinError(
    "invalid",
    `evidence ${key} of ${incident} cannot be read as a log: ${reason}`,
  );
}

function waysOf(
  ctx: Context,
  { as, key }: EvidenceLog,
): { format: Format | undefined; zone: string } {
  if (as === undefined) return { format: undefined, zone: "UTC" };
  const named = ctx.organisation.logs[as];
  const format = named ? logFormat(as, named) : formatOf(as);
  if (named === undefined && format === undefined)
    throw new TocsinError(
      "invalid",
      `evidence ${key} is said to be ${as}: that is neither a log of tocsin.yaml nor a format of docs/logs.md`,
    );
  return { format, zone: named?.zone ?? "UTC" };
}

const Known = z.object({
  records: z.coerce.number(),
  broken: z.coerce.number(),
  findings: z.number(),
});

async function knownReading(
  ctx: Context,
  { incident, key }: EvidenceLog,
  inputs: string,
): Promise<ReadEvidenceLog | undefined> {
  const [row] = await ctx.db.read`
    select records, broken, findings from evidence_logs
    where incident = ${incident} and evidence = ${key} and inputs = ${inputs}`;
  return row && Known.parse(row);
}

type Reading = {
  readonly log: EvidenceLog;
  readonly inputs: string;
  readonly read: ReadSource;
  readonly findings: readonly Finding[];
};

async function record(
  ctx: Context,
  { log, inputs, read, findings }: Reading,
): Promise<ReadEvidenceLog> {
  const { incident, key } = log;
  return await write<ReadEvidenceLog>(ctx, "findings:write", async (tx) => {
    const stored = await storeFindings(tx, ctx, { findings, evidence: { incident, key } });
    const shown = [...stored.opened, ...stored.grown];
    await closeOthers(tx, ctx, { incident, key, shown });
    await tx`
      insert into evidence_logs (incident, evidence, inputs, format, records, broken, timeless, first, last, damage, findings, read_at)
      values (${incident}, ${key}, ${inputs}, ${read.format}, ${read.records}, ${read.broken}, ${read.timeless}, ${utc(read.first)},
        ${utc(read.last)}, ${read.damage ?? null}, ${shown.length}, ${ctx.clock.now()})
      on conflict (incident, evidence) do update set inputs = excluded.inputs, format = excluded.format, records = excluded.records,
        broken = excluded.broken, timeless = excluded.timeless, first = excluded.first, last = excluded.last, damage = excluded.damage,
        findings = excluded.findings, read_at = excluded.read_at`;
    const { format, records, broken, timeless } = read;
    const body: Json = {
      key,
      format,
      records,
      broken,
      timeless,
      damage: read.damage ?? null,
      findings: shown,
      suppressed: stored.suppressed,
    };
    return {
      result: { records, broken, findings: shown.length },
      entry: { kind: "evidence.looked_at", incident, body },
    };
  });
}

// ClickHouse writes times without their zone, which is UTC.
function utc(time: string | undefined): string | null {
  if (time === undefined) return null;
  return time.endsWith("Z") ? time : `${time.replace(" ", "T")}Z`;
}

// What was found before and is not found any more: the rules have changed.
async function closeOthers(
  tx: Tx,
  ctx: Context,
  { incident, key, shown }: { incident: string; key: string; shown: readonly string[] },
): Promise<void> {
  await tx`
    update findings set state = 'closed', closed_by = ${ctx.actor.name}, closed_because = 'the rules have changed', changed_at = ${ctx.clock.now()}
    where incident = ${incident} and evidence = ${key} and state = 'open' and uid != all(${[...shown]})`;
}
