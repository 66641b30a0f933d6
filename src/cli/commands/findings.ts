import type { FindingFigures } from "../../detect/findings/list-findings.ts";
import type { FindingRow } from "../../detect/findings/finding-row.ts";
import { answer } from "../answer.ts";
import type { Run } from "../command.ts";
import { text } from "../command.ts";
import { instant } from "../instant.ts";
import { listFindings, printable } from "../list-findings.ts";
import { number } from "../terminal.ts";

type Listed = { findings: FindingRow[]; figures: FindingFigures };

export const run: Run = async (cli, { options }) => {
  const api = await cli.api();
  const input = {
    rule: text(options["rule"]),
    since: instant(text(options["since"])),
    incident: text(options["incident"]),
    level: text(options["level"]),
    limit: text(options["limit"]),
    ...(options["all"] === true ? { all: "true" } : {}),
  };
  if (cli.json) {
    cli.out(JSON.stringify(await api.get("findings-ocsf", input), undefined, 2));
    return 0;
  }
  const { findings, figures } = answer<Listed>(await api.get("findings", input));
  cli.out(findings.length === 0 ? "nothing was found" : listFindings(findings, cli.terminal));
  for (const line of suppressed(figures)) cli.out(cli.terminal.dim(line));
  return 0;
};

function suppressed({ suppressions }: FindingFigures): string[] {
  return suppressions.map(({ rule, entities, until, because, findings, events }) => {
    const only = Object.entries(entities).map(([name, value]) => ` ${name}=${value}`);
    return printable(
      `suppressed until ${until.slice(0, 16)}: ${rule}${only.join("")} (${because}): ${number(findings)} findings, ${number(events)} events`,
    );
  });
}
