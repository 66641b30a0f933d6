import { plainJson, canonicalJson } from "../../core/canonical.ts";
import { sha256Hex } from "../../core/digest.ts";
import { registryOf } from "../../contain/registry-of.ts";
import type { Context } from "../../db/context.ts";
import { lastChange } from "../../registry/published.ts";
import { standingInputs } from "../../scope/scoping.ts";
import { countOutcomes } from "../../work/count-outcomes.ts";
import type { EarlierRun } from "./earlier-outcomes.ts";
import type { Incident } from "../incident.ts";
import type { Part } from "../plan/plan-form.ts";
import type { StepDraft } from "../plan/plan-steps.ts";

/** Grows with every change of how a draft is filled: what another program began is not gone on with. */
const METHOD = 4;

export type DraftInputs = {
  readonly part: Part;
  readonly wave: number;
  readonly runs: readonly EarlierRun[];
  readonly steps: readonly StepDraft[];
};

/** What its statements read and others may change meanwhile. */
export type DraftFacts = {
  /** By name, the last change that readers see of each registry. */
  readonly registries: Readonly<Record<string, number>>;
  /** By evidence, the digest of what its exposures were made from. */
  readonly scopings: Readonly<Record<string, string>>;
};

export async function draftFacts(ctx: Context, incident: Incident): Promise<DraftFacts> {
  return {
    registries: await registryChanges(ctx),
    scopings: await standingInputs(ctx, incident.row.name),
  };
}

/** Digest of all that decides what a draft holds. Outcomes are only ever added, so their number says which they are. */
export async function draftInputs(
  ctx: Context,
  incident: Incident,
  { part, wave, runs, steps, facts }: DraftInputs & { readonly facts: DraftFacts },
): Promise<string> {
  const what = {
    method: METHOD,
    part,
    wave,
    file: incident.file,
    steps: steps.map(({ templates: _templates, ...step }) => step),
    registryOf: steps.map((step) => registryOf(ctx.organisation, step.through) ?? null),
    ...facts,
    runs: runs.map(({ run, draft }) => ({ run, draft })),
    outcomes: await countOutcomes(
      ctx,
      runs.map(({ run }) => run),
    ),
  };
  return sha256Hex(canonicalJson(plainJson(what)));
}

export async function registryChanges(ctx: Context): Promise<Readonly<Record<string, number>>> {
  const click = await ctx.click();
  const changes: Record<string, number> = {};
  for (const name of Object.keys(ctx.organisation.registry).toSorted())
    changes[name] = await lastChange(click, name);
  return changes;
}
