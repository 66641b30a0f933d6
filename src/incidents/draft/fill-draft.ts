// Fills a draft in ClickHouse: per step, whom it is for and what it tells them, then the Merkle root over its targets. Set-based: a few
// statements a step, in order, as a person whom one notice has is not in the next. Each is a part of the draft, which a crash keeps.
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { registryOf } from "../../contain/registry-of.ts";
import { foldMerkleRoot } from "../../core/merkle.ts";
import type { Click, Params } from "../../db/click.ts";
import type { Context } from "../../db/context.ts";
import { privateFolder } from "../../evidence/private-folder.ts";
import { cohortSql, standingExposuresSql } from "../../scope/cohort-sql.ts";
import type { Draft, DraftPart } from "./draft.ts";
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
    const root = await draft.answer(z.string(), {
      name: `root of step ${step.number}`,
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

async function fillStep(ctx: Context, incident: Incident, of: FillStep): Promise<void> {
  const { draft, step, steps } = of;
  const fill = filling(await ctx.click(), draft, paramsOf(ctx, incident, of));
  const standing = standingExposuresSql(incident.file);
  switch (step.kind) {
    case "contain": {
      const cohort = cohortSql(incident.file, step.to);
      const category = step.secret;
      if (category === undefined) await fill.targets(sql.accountTargets(cohort));
      else await fill.targets(sql.tokenTargets(cohort, standing), { category });
      return;
    }
    case "notice": {
      const people = cohortSql(incident.file, step.to);
      const accounts = cohortSql(incident.file, toldNow(step, steps));
      await fill.exposuresInSlices(sql.noticeExposures({ people, accounts, standing }));
      await fill.targetsInSlices(sql.noticeTargets(standing));
      return;
    }
    case "correction":
      await fill.exposures(sql.correctionExposures(standing));
      await fill.targets(sql.correctionTargets());
  }
}

/** One message a person names all the accounts that this notice or a later one of the plan is about. */
function toldNow(step: StepDraft, steps: readonly StepDraft[]): string {
  const notices = steps.filter((one) => one.kind === "notice" && one.number >= step.number);
  return notices.map((one) => `(${one.to})`).join(" + ");
}

type StepParams = Params & { readonly step: number };

/** What the statements of a step are bound to. */
function paramsOf(
  ctx: Context,
  incident: Incident,
  { draft, wave, step, steps }: FillStep,
): StepParams {
  const earlier = steps.filter(
    (one) => one.number < step.number && one.kind === "contain" && deedOf(one) === deedOf(step),
  );
  return {
    draft: draft.id,
    step: step.number,
    name: deedOf(step),
    same: earlier.map((one) => one.number),
    wave,
    incident: incident.row.name,
    registry: registryOf(ctx.organisation, step.through) ?? "",
  };
}

/** Statements that fill one step, each a part of the draft. */
type Filling = {
  targets(statement: string, more?: Params): Promise<void>;
  exposures(statement: string): Promise<void>;
  /** In slices of the people, so that a statement holds no more than one of them in memory. */
  exposuresInSlices(statement: string): Promise<void>;
  targetsInSlices(statement: string): Promise<void>;
};

const OF_STEP = "step = {step:UInt16}";
const OF_SLICE = `${OF_STEP} and ${sql.SLICE}`;
const Count = z.object({ n: z.coerce.number() });

function filling(click: Click, draft: Draft, params: StepParams): Filling {
  const run = async (
    what: string,
    statement: string,
    writes: NonNullable<DraftPart["writes"]>,
  ): Promise<void> => {
    const work = async (): Promise<void> => await click.command(statement, writes.params);
    await draft.part({ name: `${what} of step ${params.step}`, writes, work });
  };
  type Slicing = { readonly of: string; readonly most: number; readonly statement: string };
  const inSlices = async (
    table: "plan_targets" | "plan_exposures",
    { of, most, statement }: Slicing,
  ): Promise<void> => {
    const [all] = await click.query(Count, of, params);
    const slices = Math.ceil((all?.n ?? 0) / most);
    for (let slice = 0; slice < slices; slice += 1) {
      const writes = { table, where: OF_SLICE, params: { ...params, slices, slice } };
      await run(`slice ${slice + 1} of ${slices} of ${table}`, statement, writes);
    }
  };
  return {
    targets: async (statement, more) =>
      await run("targets", statement, {
        table: "plan_targets",
        where: OF_STEP,
        params: { ...params, ...more },
      }),
    exposures: async (statement) =>
      await run("exposures", statement, { table: "plan_exposures", where: OF_STEP, params }),
    exposuresInSlices: async (statement) =>
      await inSlices("plan_exposures", {
        of: sql.EXPOSURES,
        most: sql.SLICE_EXPOSURES,
        statement,
      }),
    targetsInSlices: async (statement) =>
      await inSlices("plan_targets", { of: sql.STEP_PEOPLE, most: sql.SLICE_PEOPLE, statement }),
  };
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
