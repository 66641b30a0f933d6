// Logs that were read from files (src/logs/sources), each looked at once as it was read: by the server that runs, or by the next. Not what comes over
// HTTP (look.ts). That it was looked at is written with what was found: crash before it, and the next look finds the same again.
import { z } from "zod";
import { TocsinError } from "../../core/errors.ts";
import type { Context } from "../../db/context.ts";
import type { Tx } from "../../db/postgres.ts";
import { write } from "../../ledger/write.ts";
import { findInSource } from "../find-in-source.ts";
import { foldOf, type Stored, storeFindings } from "../findings/store-findings.ts";
import type { Finding } from "../finding.ts";
import type { PreparedRules } from "../prepare-rules.ts";

const Waiting = z.object({ source: z.string(), sha256: z.string(), read_at: z.date() });
export type Waiting = z.output<typeof Waiting>;

/** The log that has waited longest for its look, but for some. */
export async function nextSource(
  ctx: Context,
  except: readonly string[] = [],
): Promise<Waiting | undefined> {
  const [row] = await ctx.db.read`
    select source, sha256, read_at from log_sources
    where looked_at is null and source <> all(${[...except]}) order by read_at, source limit 1`;
  return row && Waiting.parse(row);
}

/** @throws TocsinError `conflict` where it was read again meanwhile: nothing was written, and it waits for its next look */
export async function lookAtSource(
  ctx: Context,
  { rules, waiting }: { readonly rules: PreparedRules; readonly waiting: Waiting },
): Promise<Stored> {
  const { source, sha256, read_at } = waiting;
  const found = await findInSource(await ctx.click(), rules, source);
  return await write(ctx, { scope: "findings:write", repeatable: true }, async (tx) => {
    const looked = await tx`
      update log_sources set looked_at = ${ctx.clock.now()}
      where source = ${source} and sha256 = ${sha256} and read_at = ${read_at} and looked_at is null returning source`;
    if (looked.length === 0)
      throw new TocsinError("conflict", `${source} was read again while it was looked at`);
    const findings = await unsettled(tx, source, found);
    const stored = await storeFindings(tx, ctx, { findings, source });
    const { opened, grown, suppressed } = stored;
    const nothing = opened.length === 0 && grown.length === 0 && suppressed === 0;
    const body = { source, sha256, opened: [...opened], grown: [...grown], suppressed };
    return { result: stored, entry: nothing ? [] : { kind: "findings.found", body } };
  });
}

const Settled = z.object({ fold: z.string(), last: z.string(), count: z.coerce.number() });

// A log grows and is read again: what somebody has closed of it stays closed until more is found.
async function unsettled(tx: Tx, source: string, found: readonly Finding[]): Promise<Finding[]> {
  const folds = found.map((finding) => foldOf(finding, { source }));
  const rows = await tx`
    select fold, to_char(max(last) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as last, max(count) as count
    from findings where state <> 'open' and fold = any(${folds}) group by fold`;
  const settled = new Map(rows.map((row) => Settled.parse(row)).map((one) => [one.fold, one]));
  return found.filter((finding, index) => {
    const known = settled.get(folds[index] ?? "");
    return known === undefined || finding.last > known.last || finding.count > known.count;
  });
}
