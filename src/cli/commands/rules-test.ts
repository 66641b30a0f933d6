import { EXIT_STATUS, TocsinError } from "../../core/errors.ts";
import { noProgress } from "../../core/progress.ts";
import { prepareRules } from "../../detect/prepare-rules.ts";
import { listFixtures, type ListedFixtures } from "../../detect/rule-tests/list-fixtures.ts";
import { type Tested, testRules } from "../../detect/rule-tests/test-rules.ts";
import { readRules } from "../../detect/sigma/read-rules.ts";
import type { Rule, RuleProblem } from "../../detect/sigma/rule.ts";
import { FORMATS } from "../../logs/formats.ts";
import { show } from "../cli.ts";
import { withClickAlone } from "../click-alone.ts";
import { type Run, text } from "../command.ts";
import { pathOf, placeholdersOf } from "../placeholders-of.ts";
import { number, progressBars, type Terminal } from "../terminal.ts";

export const run: Run = async (cli, { rest, options }) => {
  const file = text(options["placeholders"]);
  const placeholders = file === undefined ? new Map() : await placeholdersOf(cli, file);
  const paths = (rest.length > 0 ? rest : ["."]).map((path) => pathOf(cli, path));
  const set = await readRules(paths, { placeholders });
  const listed = await listFixtures(set, paths);
  if (listed.fixtures.length === 0 && listed.stray.length === 0)
    throw new TocsinError(
      "not_found",
      `no fixtures beside the rules in ${paths.join(", ")}: docs/rules.md says where they stand`,
    );
  const bars = progressBars(process.stderr);
  const result = await withClickAlone("tocsin rules test", async ({ click, folder }) => {
    const rules = await prepareRules(click, set);
    const tested = await testRules(click, {
      rules,
      fixtures: listed.fixtures,
      formats: FORMATS,
      now: new Date(),
      folder,
      progress: cli.quiet || cli.json ? noProgress : bars.progress,
      signal: cli.signal,
    });
    return summarise({ listed, tested, problems: rules.problems });
  });
  bars.end();
  show(cli, result, () => render(result, cli.terminal));
  return result.failed.length === 0 && result.errors.length === 0 ? 0 : EXIT_STATUS.invalid;
};

type Summary = {
  readonly passed: number;
  readonly failed: readonly {
    readonly file: string;
    readonly rule?: string;
    readonly expected?: string;
    readonly format?: string;
    readonly message: string;
    readonly events: Tested["events"];
  }[];
  /** Rules that cannot be used. */
  readonly errors: readonly string[];
  readonly untested: readonly { readonly rule: string; readonly lacks: readonly string[] }[];
};

function summarise(of: {
  readonly listed: ListedFixtures;
  readonly tested: readonly Tested[];
  readonly problems: readonly RuleProblem[];
}): Summary {
  const failed = of.tested.flatMap(({ fixture, failure, format, events }) =>
    failure === undefined
      ? []
      : [
          {
            file: fixture.file,
            rule: called(fixture.rule),
            expected: fixture.expected,
            ...(format === undefined ? {} : { format }),
            message: failure,
            events,
          },
        ],
  );
  return {
    passed: of.tested.length - failed.length,
    failed: [...of.listed.stray.map((one) => ({ ...one, events: [] })), ...failed],
    errors: of.problems
      .filter(({ severity }) => severity === "error")
      .map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`),
    untested: of.listed.untested.map(({ rule, lacks }) => ({ rule: called(rule), lacks })),
  };
}

function called({ name, id, title }: Rule): string {
  return `${name ?? id} (${title})`;
}

function render({ passed, failed, errors, untested }: Summary, terminal: Terminal): string {
  const lines = errors.map((error) => `${terminal.red("error")}: ${error}`);
  for (const { file, rule, format, message, events } of failed) {
    const read = format === undefined ? "" : `, read as ${format}`;
    lines.push(`${terminal.red("failed")}: ${file}: ${message}${rule ? `: ${rule}${read}` : ""}`);
    lines.push(...events.map(({ place, raw }) => `  ${place}: ${raw.replaceAll("\n", "\n  ")}`));
  }
  for (const { rule, lacks } of untested)
    lines.push(
      `${terminal.yellow("untested")}: ${rule}: no fixture that it ${lacks.join(", none that it ")}`,
    );
  const counts = `${number(passed)} ${passed === 1 ? "fixture" : "fixtures"} passed, ${number(failed.length)} failed · ${number(untested.length)} rules without both kinds`;
  return [...lines, counts].join("\n");
}
