import type { PlanDiff } from "../incidents/plan/diff-plans.ts";
import { number, table, type Terminal } from "./terminal.ts";

export function renderDiff(diff: PlanDiff, terminal: Terminal): string {
  if (diff.before === null) return "there is no earlier plan of this part to compare with";
  const { added, changed, dropped } = diff.evidence;
  const evidence = [
    ...added.map((key) => terminal.green(`+ evidence ${key}`)),
    ...changed.map((key) => terminal.yellow(`~ evidence ${key}`)),
    ...dropped.map((key) => terminal.red(`- evidence ${key}`)),
  ];
  const rows = diff.steps.map((step) => [
    step.change === "same" ? `  ${step.name}` : terminal.yellow(`~ ${step.name}`),
    `${number(step.targetsBefore)} → ${number(step.targetsNow)}`,
    step.added > 0 ? terminal.green(`+${number(step.added)}`) : "",
    step.removed > 0 ? terminal.red(`-${number(step.removed)}`) : "",
    step.change === "same" ? "" : step.change,
  ]);
  return [`since ${diff.before.slice(0, 8)}`, ...evidence, table(rows)].join("\n");
}
