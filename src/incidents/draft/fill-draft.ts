// Fills one draft in ClickHouse with the targets of every step, and takes the Merkle root of each.
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { registryOf } from "../../contain/registry-of.ts";
import { foldMerkleRoot } from "../../core/merkle.ts";
import type { Click, Params } from "../../db/click.ts";
import type { Context } from "../../db/context.ts";
import { privateFolder } from "../../evidence/private-folder.ts";
import { cohortSql, standingExposuresSql } from "../../scope/cohort-sql.ts";
import type { Draft } from "./draft.ts";
import type { Incident } from "../incident.ts";
import { deedOf } from "../plan/plan-form.ts";
import type { StepDraft } from "../plan/plan-steps.ts";
import * as sql from "./targets.sql.ts";

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

export type FillDraft = {
  readonly draft: Draft;
  readonly wave: number;
  readonly steps: readonly StepDraft[];
};

/** Set-based, a few statements a step, in order: a person whom one notice has is not in the next. */
export async function fillDraft(
  ctx: Context,
  incident: Incident,
  of: FillDraft,
): Promise<FilledStep[]> {
  const click = await ctx.click();
  const { draft } = of;
  for (const step of of.steps) {
    ctx.progress({
      what: "work out who and what",
      done: step.number - 1,
      of: of.steps.length,
      unit: "steps",
    });
    await fillStep(ctx, incident, { ...of, step });
  }
  const counts = await click.query(Counts, sql.STEP_COUNTS, { draft: draft.id });
  const filled: FilledStep[] = [];
  for (const step of of.steps) {
    const count = counts.find((one) => one.step === step.number);
    const root = await draft.part({
      name: `root of step ${step.number}`,
      result: z.string(),
      work: async () => (await rootOfStep(ctx, draft.id, step.number)).toString("hex"),
    });
    filled.push({
      ...step,
      targets: count?.targets ?? 0,
      people: count?.people ?? 0,
      withoutAddress: step.kind === "contain" ? 0 : (count?.without_address ?? 0),
      root,
    });
  }
  return filled;
}

type FillStep = FillDraft & { readonly step: StepDraft };

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
  const earlier = steps.filter(
    (one) => one.number < step.number && one.kind === "contain" && deedOf(one) === deedOf(step),
  );
  const params = {
    draft: draft.id,
    step: step.number,
    name: deedOf(step),
    same: earlier.map((one) => one.number),
    wave,
    incident: incident.row.name,
    registry: registryOf(ctx.organisation, step.through) ?? "",
  };
  const click = await ctx.click();
  const filling: Filling = { click, draft, params };
  const standing = standingExposuresSql(incident.file);
  switch (step.kind) {
    case "contain": {
      const cohort = cohortSql(incident.file, step.to);
      if (step.secret === undefined) await fillTargets(filling, sql.accountTargets(cohort));
      else {
        const secret = { ...filling, params: { ...params, category: step.secret } };
        await fillTargets(secret, sql.tokenTargets(cohort, standing));
      }
      return;
    }
    case "notice": {
      const people = cohortSql(incident.file, step.to);
      const accounts = cohortSql(incident.file, toldNow(step, steps));
      await fillExposures(filling, sql.noticeExposures({ people, accounts, standing }));
      await fillNotice(filling, standing);
      return;
    }
    case "correction":
      await fillExposures(filling, sql.correctionExposures(standing));
      await fillTargets(filling, sql.correctionTargets());
  }
}

type Filling = {
  readonly click: Click;
  readonly draft: Draft;
  readonly params: Params & { readonly step: number };
};

const OF_STEP = "step = {step:UInt16}";

async function fillTargets({ click, draft, params }: Filling, statement: string): Promise<void> {
  await draft.part({
    name: `targets of step ${params.step}`,
    result: z.null(),
    writes: { table: "plan_targets", where: OF_STEP, params },
    work: async () => {
      await click.command(statement, params);
      return null;
    },
  });
}

async function fillExposures({ click, draft, params }: Filling, statement: string): Promise<void> {
  await draft.part({
    name: `exposures of step ${params.step}`,
    result: z.null(),
    writes: { table: "plan_exposures", where: OF_STEP, params },
    work: async () => {
      await click.command(statement, params);
      return null;
    },
  });
}

const People = z.object({ people: z.coerce.number() });

async function fillNotice({ click, draft, params }: Filling, standing: string): Promise<void> {
  const [all] = await click.query(People, sql.STEP_PEOPLE, params);
  const slices = Math.ceil((all?.people ?? 0) / sql.SLICE_PEOPLE);
  for (let slice = 0; slice < slices; slice += 1) {
    const one = { ...params, slices, slice };
    await draft.part({
      name: `targets of step ${params.step}, slice ${slice + 1} of ${slices}`,
      result: z.null(),
      writes: { table: "plan_targets", where: `${OF_STEP} and ${sql.SLICE}`, params: one },
      work: async () => {
        await click.command(sql.noticeTargets(standing), one);
        return null;
      },
    });
  }
}

/** Recomputed when a plan is applied: a target that was changed since changes it. */
export async function rootOfStep(ctx: Context, draft: string, step: number): Promise<Buffer> {
  const click = await ctx.click();
  await using folder = await privateFolder(ctx.folder);
  const path = join(folder.path, "leaves");
  const params = { draft, step };
  await click.unload({ select: sql.STEP_LEAVES, path, format: "RowBinary", params });
  return await foldMerkleRoot(createReadStream(path, { highWaterMark: 1 << 20 }));
}
