// The rules that run live: read again when a file of them changes. What is wrong in one is logged, and the others go on.
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Detect } from "../../config/detect-schema.ts";
import type { Context } from "../../db/context.ts";
import { type CompiledRules, compileRules } from "../compile/compile-rules.ts";
import { findRuleFiles } from "../sigma/rule-files.ts";
import { readRules, standAlone } from "../sigma/read-rules.ts";
import type { CorrelationRule, Rule, RuleProblem } from "../sigma/rule.ts";

export type LiveRules = {
  /** Names the files as they are now. */
  readonly digest: string;
  /** Detection rules whose matches are findings by themselves. */
  readonly compiled: CompiledRules;
  /** All that can be run, by id. */
  readonly byId: ReadonlyMap<string, Rule>;
  /** Each after those that it refers to. */
  readonly correlations: readonly CorrelationRule[];
  /** Correlations whose hits are findings by themselves. */
  readonly shown: ReadonlySet<string>;
};

/** Undefined where nothing has changed since `known`. */
export async function readLiveRules(
  ctx: Context,
  settings: Detect,
  known: LiveRules | undefined,
): Promise<LiveRules | undefined> {
  const paths = settings.rules.map((path) => resolve(ctx.folder.root, path));
  const digest = await digestOf(paths);
  if (digest === known?.digest) return undefined;
  const placeholders = new Map(Object.entries(settings.placeholders));
  const set = await readRules(paths, { placeholders });
  const alone = new Set(standAlone(set).map(({ id }) => id));
  const detections = set.rules.filter((rule) => rule.kind === "detection");
  const click = await ctx.click();
  const all = await compileRules(click, detections);
  const ownFindings = all.rules.filter(({ id }) => alone.has(id));
  const compiled =
    ownFindings.length === all.rules.length ? all : await compileRules(click, ownFindings);
  const usable = new Set<string>(all.rules.map(({ id }) => id));
  const { correlations, problems } = runnable(set.rules, usable);
  report(ctx, [...set.problems, ...all.problems, ...problems]);
  ctx.log.info(
    { detections: all.rules.length, correlations: correlations.length },
    "rules are read",
  );
  return {
    digest,
    compiled,
    byId: new Map([...all.rules, ...correlations].map((rule) => [rule.id, rule])),
    correlations,
    shown: new Set(correlations.map(({ id }) => id).filter((id) => alone.has(id))),
  };
}

/** Correlations of which every rule can be run, each after those that it refers to. Cycles were refused when they were read. */
function runnable(
  rules: readonly Rule[],
  usable: Set<string>,
): { correlations: CorrelationRule[]; problems: RuleProblem[] } {
  let left = rules.filter((rule) => rule.kind === "correlation");
  const correlations: CorrelationRule[] = [];
  for (;;) {
    const ready = left.filter((rule) => rule.rules.every((id) => usable.has(id)));
    if (ready.length === 0) break;
    correlations.push(...ready);
    for (const { id } of ready) usable.add(id);
    left = left.filter((rule) => !ready.includes(rule));
  }
  const problems = left.map((rule): RuleProblem => ({
    ...rule.at,
    severity: "error",
    message: "a rule that it refers to cannot be run",
  }));
  return { correlations, problems };
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

/** Of names, sizes and times of change. */
async function digestOf(paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const { file } of (await findRuleFiles(paths)).files) {
    const found = await stat(file).catch(() => undefined);
    hash.update(JSON.stringify([file, found?.size, found?.mtimeMs]));
  }
  return hash.digest("hex");
}
