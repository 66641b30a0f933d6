// Fills one draft in ClickHouse with the targets of every step, and takes the Merkle root of each.
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { registryOf } from "../contain/registry-of.ts";
import { foldMerkleRoot } from "../core/merkle.ts";
import type { Click, Params } from "../db/click.ts";
import type { Context } from "../db/context.ts";
import { cohortSql, standingExposuresSql } from "../scope/cohort-sql.ts";
import type { Incident } from "./incident.ts";
import { deedOf } from "./plan-form.ts";
import type { StepDraft } from "./plan-steps.ts";
import * as sql from "./plan-targets.sql.ts";

export type FilledStep = StepDraft & {
  targets: number;
  people: number;
  withoutAddress: number;
  root: string;
};

const Counts = z.object({
  step: z.coerce.number(),
  targets: z.coerce.number(),
  people: z.coerce.number(),
  without_address: z.coerce.number(),
});

/** Set-based, one statement a step, in order: a person whom one notice has is not in the next. */
export async function fillDraft(
  ctx: Context,
  incident: Incident,
  of: { draft: string; wave: number; steps: readonly StepDraft[] },
): Promise<FilledStep[]> {
  const click = await ctx.click();
  for (const step of of.steps) {
    ctx.progress({
      what: "work out who and what",
      done: step.number - 1,
      of: of.steps.length,
      unit: "steps",
    });
    await fillStep(ctx, incident, { ...of, step });
  }
  const counts = await click.query(Counts, sql.STEP_COUNTS, { draft: of.draft });
  const filled: FilledStep[] = [];
  for (const step of of.steps) {
    const count = counts.find((one) => one.step === step.number);
    filled.push({
      ...step,
      targets: count?.targets ?? 0,
      people: count?.people ?? 0,
      withoutAddress: step.kind === "contain" ? 0 : (count?.without_address ?? 0),
      root: (await rootOfStep(ctx, of.draft, step.number)).toString("hex"),
    });
  }
  return filled;
}

type FillStep = { draft: string; wave: number; step: StepDraft; steps: readonly StepDraft[] };

/** One message a person names all the accounts that this notice or a later one of the plan is about. */
function toldNow(step: StepDraft, steps: readonly StepDraft[]): string {
  const notices = steps.filter((one) => one.kind === "notice" && one.number >= step.number);
  return notices.map((one) => `(${one.to})`).join(" + ");
}

async function fillStep(
  ctx: Context,
  incident: Incident,
  { draft, wave, step, steps }: FillStep,
): Promise<void> {
  const click = await ctx.click();
  const earlier = steps.filter(
    (one) => one.number < step.number && one.kind === "contain" && deedOf(one) === deedOf(step),
  );
  const params = {
    draft,
    step: step.number,
    name: deedOf(step),
    same: earlier.map((one) => one.number),
    wave,
    incident: incident.row.name,
    registry: registryOf(ctx.organisation, step.through) ?? "",
  };
  const standing = standingExposuresSql(incident.file);
  switch (step.kind) {
    case "contain":
      if (step.secret === undefined) {
        await click.command(sql.accountTargets(cohortSql(incident.file, step.to)), params);
      } else {
        const targets = sql.tokenTargets(cohortSql(incident.file, step.to), standing);
        await click.command(targets, { ...params, category: step.secret });
      }
      return;
    case "notice":
      await click.command(
        sql.noticeExposures({
          people: cohortSql(incident.file, step.to),
          accounts: cohortSql(incident.file, toldNow(step, steps)),
          standing,
        }),
        params,
      );
      await fillNotice(click, standing, params);
      return;
    case "correction":
      await click.command(sql.correctionExposures(standing), params);
      await click.command(sql.correctionTargets(), params);
  }
}

const People = z.object({ people: z.coerce.number() });

async function fillNotice(click: Click, standing: string, params: Params): Promise<void> {
  const [all] = await click.query(People, sql.STEP_PEOPLE, params);
  const slices = Math.ceil((all?.people ?? 0) / sql.SLICE_PEOPLE);
  for (let slice = 0; slice < slices; slice += 1)
    await click.command(sql.noticeTargets(standing), { ...params, slices, slice });
}

/** Recomputed when a plan is applied: a target that was changed since changes it. */
export async function rootOfStep(ctx: Context, draft: string, step: number): Promise<Buffer> {
  const click = await ctx.click();
  const folder = join(ctx.folder.data, "tmp");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `leaves-${randomUUID()}`);
  try {
    await click.unload({
      select: sql.STEP_LEAVES,
      path,
      format: "RowBinary",
      params: { draft, step },
    });
    return await foldMerkleRoot(createReadStream(path, { highWaterMark: 1 << 20 }));
  } finally {
    await rm(path, { force: true });
  }
}

export async function dropDraft(ctx: Context, draft: string): Promise<void> {
  const click = await ctx.click();
  for (const table of ["plan_targets", "plan_exposures", "plan_outcomes"]) {
    await click.command(`alter table ${table} drop partition {draft:UUID}`, { draft });
  }
}
