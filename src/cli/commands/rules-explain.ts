import { resolve } from "node:path";
import { TocsinError } from "../../core/errors.ts";
import { type Explained, explain } from "../../detect/explain.ts";
import { readRules } from "../../detect/sigma/read-rules.ts";
import type { RuleSet } from "../../detect/sigma/rule.ts";
import { FORMATS, formatOf } from "../../logs/formats.ts";
import { type Cli, show } from "../cli.ts";
import { OWN_RULES, withClickAlone } from "../click-alone.ts";
import { type Run, text, type Typed } from "../command.ts";
import { placeholdersOf } from "../placeholders-of.ts";
import type { Terminal } from "../terminal.ts";

export const run: Run = async (cli, typed) => {
  const wanted = typed.args["rule"] ?? "";
  const { set, paths } = await rulesOf(cli, typed);
  const isOf = (file: string): boolean => resolve(cli.folder, file) === resolve(cli.folder, wanted);
  const chosen = set.rules.filter(
    ({ id, name, at }) => id === wanted || name === wanted || isOf(at.file),
  );
  if (chosen.length === 0) {
    const errors = set.problems.filter(({ severity }) => severity === "error");
    const [first] = errors;
    throw new TocsinError(
      "not_found",
      `no rule that can be used has the id, name or file ${wanted} in ${paths.join(", ")}${first ? `; ${errors.length} cannot be used, the first: ${first.file}:${first.line}:${first.column}: ${first.message}` : ""}`,
    );
  }
  const name = text(typed.options["format"]);
  const format = name === undefined ? undefined : formatOf(name);
  if (name !== undefined && format === undefined)
    throw new TocsinError(
      "invalid",
      `there is no format ${name}: one of ${FORMATS.map((one) => one.name).join(", ")}`,
    );
  const rules = await withClickAlone("tocsin rules explain", async ({ click }) =>
    explain(click, { set, chosen, formats: format === undefined ? FORMATS : [format] }),
  );
  show(cli, { rules }, () => rules.map((one) => render(one, cli.terminal)).join("\n\n"));
  return 0;
};

async function rulesOf(
  cli: Cli,
  { args, options }: Typed,
): Promise<{ readonly set: RuleSet; readonly paths: readonly string[] }> {
  const file = text(options["placeholders"]);
  const placeholders = file === undefined ? new Map() : await placeholdersOf(cli, file);
  const named = text(options["rules"]);
  const asked = args["rule"] ?? "";
  const inFile = /\.ya?ml$/i.test(asked) ? [resolve(cli.folder, asked)] : [OWN_RULES];
  const paths =
    named === undefined ? inFile : named.split(",").map((path) => resolve(cli.folder, path));
  return { set: await readRules(paths, { placeholders }), paths };
}

function render(rule: Explained, terminal: Terminal): string {
  const head = `${terminal.bold(rule.title)} · ${rule.id} · ${rule.at}`;
  if (rule.kind === "correlation")
    return [head, `-- ${rule.type} of: ${rule.rules.join(", ")}`, ...rule.statements].join("\n");
  if (rule.formats.length === 0) return `${head}\n-- no format that was asked for has such events`;
  const each = rule.formats.flatMap(({ format, fields, candidates, exact }) => [
    `-- events of ${format}; fields are read from:`,
    ...fields.map(
      ({ field, places }) =>
        `--   ${field}: ${places.length === 0 ? "nowhere" : places.join(", else ")}`,
    ),
    candidates === undefined
      ? "-- candidates: every event"
      : `-- candidates, by signs\n${candidates}`,
    `-- exact\n${exact}`,
  ]);
  return [head, ...each].join("\n");
}
