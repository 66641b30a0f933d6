import { z } from "zod";
import { parse } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { coverage, type Coverage } from "./coverage.ts";

export const ListSourcesInput = z.strictObject({
  log: z.string().optional().describe("only sources of this log of tocsin.yaml"),
});

/** `file`: read by `tocsin ingest`. `stream`: over HTTP. `evidence`: of an incident. `unfinished`: its reading crashed before its record: read it again. */
export type SourceKind = "file" | "stream" | "evidence" | "unfinished";

export type LogSource = Coverage & {
  readonly kind: SourceKind;
  readonly log: string | null;
  /** Of a file: what it held when it was read. */
  readonly sha256: string | null;
  readonly zone: string | null;
  readonly damage: string | null;
  readonly readAt: string | null;
};

const Recorded = z.object({
  source: z.string(),
  kind: z.enum(["file", "stream", "evidence"]),
  log: z.string().nullable(),
  sha256: z.string().nullable(),
  zone: z.string().nullable(),
  damage: z.string().nullable(),
  readAt: z
    .date()
    .nullable()
    .transform((at) => at?.toISOString() ?? null),
});

/** Every source that has events: what it is, which hours it covers, where it has gaps. A source without events is not listed. */
export async function listSources(
  ctx: Context,
  input: z.input<typeof ListSourcesInput>,
): Promise<LogSource[]> {
  requireScope(ctx.actor, "events:read");
  const { log } = parse(ListSourcesInput, input);
  const rows = await ctx.db.read`
    select source, 'file' as kind, log, sha256, zone, damage, read_at as "readAt" from log_sources
    union all
    select name, 'stream', name, null, null, null, last_at from ingest_streams
    union all
    select l.incident || '/' || l.evidence, 'evidence', null, e.sha256, null, l.damage, l.read_at
    from evidence_logs l join evidence e on e.incident = l.incident and e.key = l.evidence`;
  const recorded = new Map(rows.map((row) => [String(row["source"]), Recorded.parse(row)]));
  const covered = await coverage(await ctx.click());
  return covered
    .map((one) => ({ ...UNRECORDED, ...recorded.get(one.source), ...one }))
    .filter((one) => log === undefined || one.log === log);
}

const UNRECORDED = {
  kind: "unfinished",
  log: null,
  sha256: null,
  zone: null,
  damage: null,
  readAt: null,
} as const;
