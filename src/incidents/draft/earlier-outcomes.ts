// What earlier runs of an incident did, brought beside the exposures: a later plan holds only what is new.
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { z } from "zod";
import type { Context } from "../../db/context.ts";
import { privateFolder } from "../../evidence/private-folder.ts";
import { streamOutcomes, type StreamedOutcome } from "../../work/stream-outcomes.ts";
import { deedOf, PlanForm, type Part, type PlanStep } from "../plan/plan-form.ts";
import { GOING } from "./targets.sql.ts";

const EarlierRun = z.object({
  run: z.string(),
  number: z.number(),
  applied_at: z.date(),
  draft: z.string(),
  form: PlanForm,
});
export type EarlierRun = z.output<typeof EarlierRun>;

export async function earlierRuns(ctx: Context, incident: string): Promise<EarlierRun[]> {
  const rows = await ctx.db.read`
    select r.run, r.number, r.applied_at, p.draft, p.form
    from plan_runs r join plans p on p.digest = r.plan
    where r.incident = ${incident} order by r.number`;
  return rows.map((row) => EarlierRun.parse(row));
}

type EarlierStep = { readonly run: EarlierRun; readonly step: PlanStep };

/**
 * Copies the outcomes of the steps that matter to `part` into the draft; targets without one are *going*. Bounded memory: a
 * file lies between the stores.
 */
export async function copyEarlierOutcomes(
  ctx: Context,
  of: { draft: string; part: Part; runs: readonly EarlierRun[] },
): Promise<void> {
  const steps = of.runs.flatMap((run) =>
    run.form.steps.filter((step) => matters(step, of.part)).map((step) => ({ run, step })),
  );
  if (steps.length === 0) return;
  const click = await ctx.click();
  await using folder = await privateFolder(ctx.folder);
  const path = join(folder.path, "outcomes.tsv");
  await writeOutcomes(ctx, path, steps);
  await click.load({
    into: "plan_outcomes (draft, earlier, step, run_number, name, key, state)",
    select: (source) =>
      `select {draft:UUID}, earlier, step, run_number, name, key, state from ${source}`,
    path,
    format: "TSV",
    structure:
      "earlier UUID, step UInt16, run_number UInt32, name String, key String, state String",
    params: { draft: of.draft },
  });
  for (const { run, step } of steps) {
    const params = {
      draft: of.draft,
      earlier: run.draft,
      step: step.number,
      run_number: run.number,
    };
    await click.command(GOING, { ...params, name: deedOf(step) });
  }
}

async function writeOutcomes(
  ctx: Context,
  path: string,
  steps: readonly EarlierStep[],
): Promise<void> {
  const out = createWriteStream(path, { mode: 0o600 });
  for (const { run, step } of steps) {
    for await (const batch of streamOutcomes(ctx, { run: run.run, step: step.number - 1 })) {
      const lines = batch.map((one) => lineOf({ run, step }, one));
      if (!out.write(lines.join(""))) await once(out, "drain");
    }
  }
  out.end();
  await finished(out);
}

function lineOf({ run, step }: EarlierStep, one: StreamedOutcome): string {
  const state = one.reason === "aborted" ? "aborted" : one.state;
  const fields = [
    run.draft,
    step.number,
    run.number,
    escapeTsv(deedOf(step)),
    escapeTsv(one.key),
    state,
  ];
  return `${fields.join("\t")}\n`;
}

function matters(step: PlanStep, part: Part): boolean {
  return part === "all" || (part === "contain") === (step.kind === "contain");
}

function escapeTsv(value: string): string {
  return value
    .replaceAll("\\", "\\\\")
    .replaceAll("\t", "\\t")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\0", "\\0");
}
