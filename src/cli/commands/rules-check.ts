import { EXIT_STATUS } from "../../core/errors.ts";
import { readRules, standAlone } from "../../detect/sigma/read-rules.ts";
import type { RuleSet } from "../../detect/sigma/rule.ts";
import { show } from "../cli.ts";
import { type Run, text } from "../command.ts";
import { pathOf, placeholdersOf } from "../placeholders-of.ts";
import { number, type Terminal } from "../terminal.ts";

export const run: Run = async (cli, { rest, options }) => {
  const file = text(options["placeholders"]);
  const placeholders = file === undefined ? new Map() : await placeholdersOf(cli, file);
  const paths = (rest.length > 0 ? rest : ["."]).map((path) => pathOf(cli, path));
  const set = await readRules(paths, { placeholders });
  const checked = summarise(set);
  show(cli, checked, () => render(checked, cli.terminal));
  return checked.errors === 0 ? 0 : EXIT_STATUS.invalid;
};

type Checked = {
  readonly documents: number;
  readonly detections: number;
  readonly correlations: number;
  /** Rules whose hits are findings by themselves. */
  readonly standAlone: number;
  readonly errors: number;
  readonly warnings: number;
  readonly problems: readonly {
    readonly at: string;
    readonly severity: string;
    readonly message: string;
  }[];
};

function summarise(set: RuleSet): Checked {
  const problems = set.problems.map(({ file, line, column, severity, message }) => ({
    at: `${file}:${line}:${column}`,
    severity,
    message,
  }));
  return {
    documents: set.documents,
    detections: set.rules.filter(({ kind }) => kind === "detection").length,
    correlations: set.rules.filter(({ kind }) => kind === "correlation").length,
    standAlone: standAlone(set).length,
    errors: problems.filter(({ severity }) => severity === "error").length,
    warnings: problems.filter(({ severity }) => severity === "warning").length,
    problems,
  };
}

function render(checked: Checked, terminal: Terminal): string {
  const lines = checked.problems.map(
    ({ at, severity, message }) =>
      `${at}: ${severity === "error" ? terminal.red("error") : terminal.yellow("warning")}: ${message}`,
  );
  const { documents, detections, correlations, errors, warnings } = checked;
  const usable = `${count(documents, "document")} · ${count(detections, "rule")} and ${count(correlations, "correlation")} can be used, ${number(checked.standAlone)} for findings by themselves`;
  return [...lines, `${usable} · ${count(errors, "error")}, ${count(warnings, "warning")}`].join(
    "\n",
  );
}

const count = (value: number, noun: string): string =>
  `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
