// The rules that run live: read again when a file of them changes. What is wrong in one is logged, and the others go on.
import type { Context } from "../../db/context.ts";
import { type CompiledRules, compileRules } from "../compile/compile-rules.ts";
import { organisationRules } from "../organisation-rules.ts";
import type { PreparedRules } from "../prepare-rules.ts";
import type { Rule, RuleProblem } from "../sigma/rule.ts";

export type LiveRules = PreparedRules & {
  /** Names the files as they are now. */
  readonly digest: string;
  /** Every detection rule: those whose matches are findings, and those that correlations refer to. */
  readonly every: CompiledRules;
  /** Detection rules whose matches are findings by themselves, by id. */
  readonly alone: ReadonlyMap<string, Rule>;
};

/** Undefined where nothing has changed since `known`, or tocsin.yaml names no rules. */
export async function readLiveRules(
  ctx: Context,
  known: LiveRules | undefined,
): Promise<LiveRules | undefined> {
  const rules = await organisationRules(ctx);
  if (rules === undefined || rules.digest === known?.digest) return undefined;
  const prepared = await rules.read();
  const detections = [...prepared.byId.values()].filter((rule) => rule.kind === "detection");
  const own = prepared.compiled.rules;
  report(ctx, prepared.problems);
  const correlations = prepared.correlations.length;
  ctx.log.info({ detections: detections.length, correlations }, "rules are read");
  const isAll = own.length === detections.length;
  return {
    ...prepared,
    digest: rules.digest,
    every: isAll ? prepared.compiled : await compileRules(await ctx.click(), detections),
    alone: new Map(own.map((rule) => [rule.id, rule])),
  };
}

const MOST_REPORTED = 20;

function report(ctx: Context, problems: readonly RuleProblem[]): void {
  const errors = problems.filter(({ severity }) => severity === "error");
  for (const { file, line, column, message } of errors.slice(0, MOST_REPORTED))
    ctx.log.warn({ at: `${file}:${line}:${column}` }, `a rule is left out: ${message}`);
  if (errors.length > MOST_REPORTED)
    ctx.log.warn(
      { problems: errors.length },
      "more rules are left out: tocsin rules check DIR lists them",
    );
}
