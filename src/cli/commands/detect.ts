// `tocsin detect` stands alone: no tocsin.yaml, no Postgres.
import { resolve } from "node:path";
import { TocsinError } from "../../core/errors.ts";
import type { Click } from "../../db/click.ts";
import { detect } from "../../detect/detect.ts";
import type { FindingRow } from "../../detect/findings/finding-row.ts";
import { freshRow } from "../../detect/findings/fresh-row.ts";
import { ocsfFinding } from "../../detect/findings/ocsf-finding.ts";
import { type PreparedRules, prepareRules } from "../../detect/prepare-rules.ts";
import { readRules } from "../../detect/sigma/read-rules.ts";
import { FORMATS, formatOf } from "../../logs/formats.ts";
import { listInputs } from "../../logs/list-inputs.ts";
import { type LogReport, readLogs } from "../../logs/read-logs.ts";
import { s3Inputs } from "../../logs/s3-inputs.ts";
import type { Cli } from "../cli.ts";
import { type ClickAlone, OWN_RULES, withClickAlone } from "../click-alone.ts";
import { type Run, text, type Typed } from "../command.ts";
import { placeholdersOf } from "../placeholders-of.ts";
import { listFindings } from "../list-findings.ts";
import { renderLogReport } from "../render-log-report.ts";
import { progressBars } from "../terminal.ts";

export const run: Run = async (cli, typed) => {
  if (typed.rest.length === 0)
    throw new TocsinError(
      "invalid",
      "name the logs: files, folders, patterns, or - for standard input",
    );
  return await withClickAlone("tocsin detect", async (alone) => await detectIn(cli, typed, alone));
};

async function detectIn(cli: Cli, typed: Typed, { click, folder }: ClickAlone): Promise<number> {
  const rules = await rulesOf(cli, typed, click);
  const report = await logsOf(cli, typed, { click, folder });
  cli.note(renderLogReport(report, cli.terminal));
  const plain = cli.json || !cli.terminal.colours;
  const shown: FindingRow[] = [];
  const at = new Date().toISOString();
  let count = 0;
  for await (const findings of detect(click, rules)) {
    cli.signal.throwIfAborted();
    count += findings.length;
    if (plain)
      for (const finding of findings) cli.out(JSON.stringify(ocsfFinding(freshRow(finding, at))));
    else shown.push(...findings.map((finding) => freshRow(finding, at)));
  }
  if (!plain) cli.out(shown.length === 0 ? "nothing was found" : listFindings(shown, cli.terminal));
  const { compiled, correlations } = rules;
  cli.note(
    `${count} ${count === 1 ? "finding" : "findings"} by ${compiled.rules.length} rules and ${correlations.length} correlations`,
  );
  return 0;
}

async function rulesOf(cli: Cli, { options }: Typed, click: Click): Promise<PreparedRules> {
  const file = text(options["placeholders"]);
  const placeholders = file === undefined ? new Map() : await placeholdersOf(cli, file);
  const named = text(options["rules"]);
  const paths =
    named === undefined ? [OWN_RULES] : named.split(",").map((path) => resolve(cli.folder, path));
  const rules = await prepareRules(click, await readRules(paths, { placeholders }));
  const errors = rules.problems.filter(({ severity }) => severity === "error");
  for (const { file: at, line, column, message } of errors.slice(0, MOST_PROBLEMS))
    cli.note(`${at}:${line}:${column}: left out: ${message}`);
  if (errors.length > MOST_PROBLEMS)
    cli.note(`${errors.length - MOST_PROBLEMS} more rules are left out: tocsin rules check`);
  if (rules.byId.size === 0)
    throw new TocsinError("invalid", `no rule that can be run in ${paths.join(", ")}`);
  return rules;
}

const MOST_PROBLEMS = 10;

async function logsOf(
  cli: Cli,
  { options, rest }: Typed,
  { click, folder }: ClickAlone,
): Promise<LogReport> {
  const name = text(options["format"]);
  const format = name === undefined ? undefined : formatOf(name);
  if (name !== undefined && format === undefined)
    throw new TocsinError(
      "invalid",
      `there is no format ${name}: one of ${FORMATS.map((one) => one.name).join(", ")}`,
    );
  const { inputs, unread } = await listInputs({
    paths: rest,
    from: cli.folder,
    standardInput: () => process.stdin,
    s3: async (address) => await s3Inputs(click, { address, folder }),
  });
  const report = await readLogs(click, {
    inputs,
    sourceOf: (input) => input.name,
    ...(format === undefined ? {} : { format }),
    zone: text(options["zone"]) ?? "UTC",
    now: new Date(),
    folder,
    progress: cli.quiet ? () => {} : progressBars(process.stderr).progress,
    signal: cli.signal,
  });
  const all = { ...report, unread: [...unread, ...report.unread] };
  if (all.sources.length === 0)
    throw new TocsinError("invalid", "none of the logs can be read", {
      problems: all.unread.map(({ name: at, reason }) => ({ at, message: reason })),
    });
  return all;
}
