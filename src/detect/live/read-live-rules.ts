// The rules that run live: read again when a file of them changes. What is wrong in one is logged, and the others go on.
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Detect } from "../../config/detect-schema.ts";
import type { Context } from "../../db/context.ts";
import { type CompiledRules, compileRules } from "../compile/compile-rules.ts";
import { findRuleFiles } from "../sigma/rule-files.ts";
import { type PreparedRules, prepareRules } from "../prepare-rules.ts";
import { readRules } from "../sigma/read-rules.ts";
import type { Rule, RuleProblem } from "../sigma/rule.ts";

export type LiveRules = PreparedRules & {
  /** Names the files as they are now. */
  readonly digest: string;
  /** Every detection rule: those whose matches are findings, and those that correlations refer to. */
  readonly every: CompiledRules;
  /** Detection rules whose matches are findings by themselves, by id. */
  readonly alone: ReadonlyMap<string, Rule>;
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
  const click = await ctx.click();
  const prepared = await prepareRules(click, await readRules(paths, { placeholders }));
  const detections = [...prepared.byId.values()].filter((rule) => rule.kind === "detection");
  const own = prepared.compiled.rules;
  report(ctx, prepared.problems);
  const correlations = prepared.correlations.length;
  ctx.log.info({ detections: detections.length, correlations }, "rules are read");
  return {
    ...prepared,
    digest,
    every:
      own.length === detections.length ? prepared.compiled : await compileRules(click, detections),
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

/** Of names, sizes and times of change. */
async function digestOf(paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const { file } of (await findRuleFiles(paths)).files) {
    const found = await stat(file).catch(() => undefined);
    hash.update(JSON.stringify([file, found?.size, found?.mtimeMs]));
  }
  return hash.digest("hex");
}
