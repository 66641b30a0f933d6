// Runs as people name them: `docker-hub-2019/2` is the second of that incident.
import { z } from "zod";
import { Name } from "../config/words.ts";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { type FateCounts, fatesOf } from "../notices/fates/fates-of.ts";
import { runProgress, type RunProgress } from "../work/run-progress.ts";

export const RunsInput = z.strictObject({ incident: Name });

const RunRow = z.object({
  run: z.string(),
  incident: z.string(),
  number: z.number(),
  plan: z.string(),
  part: z.string(),
  wave: z.number(),
  applied_by: z.string(),
  applied_at: z.date(),
});
export type RunShown = z.output<typeof RunRow> & {
  progress: RunProgress;
  /** What became of its notices afterwards, by step, as far as somebody reported it. */
  fates: FateCounts[];
};

export async function runs(ctx: Context, input: z.input<typeof RunsInput>): Promise<RunShown[]> {
  requireScope(ctx.actor, "incidents:read");
  const { incident } = parse(RunsInput, input);
  const rows = await ctx.db.read`
    select r.run, r.incident, r.number, r.plan, p.part, p.wave, r.applied_by, r.applied_at
    from plan_runs r join plans p on p.digest = r.plan where r.incident = ${incident} order by r.number`;
  const shown: RunShown[] = [];
  for (const row of rows) shown.push(await withProgress(ctx, row));
  return shown;
}

export const RunInput = z.strictObject({
  run: z.string().describe("INCIDENT/NUMBER, or the run's id"),
});

/** @throws TocsinError `not_found` */
export async function run(ctx: Context, input: z.input<typeof RunInput>): Promise<RunShown> {
  requireScope(ctx.actor, "incidents:read");
  const { run: which } = parse(RunInput, input);
  const [incident, number] = which.split("/");
  const [row] = await ctx.db.read`
    select r.run, r.incident, r.number, r.plan, p.part, p.wave, r.applied_by, r.applied_at
    from plan_runs r join plans p on p.digest = r.plan
    where r.run::text = ${which} or (r.incident = ${incident ?? ""} and r.number::text = ${number ?? ""})`;
  if (!row) throw new TocsinError("not_found", `there is no run ${which}: tocsin runs INCIDENT`);
  return await withProgress(ctx, row);
}

async function withProgress(ctx: Context, row: unknown): Promise<RunShown> {
  const parsed = RunRow.parse(row);
  const { run: id } = parsed;
  return {
    ...parsed,
    progress: await runProgress(ctx, { run: id }),
    fates: await fatesOf(ctx, [id]),
  };
}
