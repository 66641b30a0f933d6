import type { FindingShown } from "../../detect/findings/show-finding.ts";
import { answer } from "../answer.ts";
import type { Run } from "../command.ts";
import { number, table, type Terminal } from "../terminal.ts";
import { printable } from "../list-findings.ts";

export const run: Run = async (cli, { args }) => {
  const api = await cli.api();
  const { finding, ocsf } = answer<{ finding: FindingShown; ocsf: unknown }>(
    await api.post("finding", { uid: args["uid"] }),
  );
  cli.out(cli.json ? JSON.stringify(ocsf, undefined, 2) : shown(finding, cli.terminal));
  return 0;
};

function shown(finding: FindingShown, terminal: Terminal): string {
  const { title, level, state, count, first, last, rule, file, incident } = finding;
  const facts = [
    ["uid", finding.uid],
    ["level", level],
    ["state", state + (finding.closedBecause === null ? "" : `: ${finding.closedBecause}`)],
    ["events", `${number(count)}, from ${first} to ${last}`],
    ["rule", `${rule} (${file})`],
    ...(finding.tags.length > 0 ? [["tags", finding.tags.join(", ")]] : []),
    ...(incident === null ? [] : [["incident", incident]]),
    ...finding.entities.map(({ name, value }) => [name, value]),
  ].map(([name = "", value = ""]) => [terminal.dim(name), printable(value)]);
  const lines = finding.lines.map(
    ({ source, place, time, raw }) =>
      `${terminal.dim(`${time} ${printable(source)}:${place}`)}\n  ${printable(raw)}`,
  );
  const more =
    count > lines.length
      ? [terminal.dim(`the first ${lines.length} of ${number(count)} events`)]
      : [];
  return [terminal.bold(printable(title)), table(facts), "", ...lines, ...more].join("\n");
}
