import type { FindingFigures } from "../../detect/findings/list-findings.ts";
import type { FindingRow } from "../../detect/findings/finding-row.ts";
import { answer } from "../answer.ts";
import type { Run } from "../command.ts";
import { text } from "../command.ts";
import { instant } from "../instant.ts";
import { number, table, type Terminal } from "../terminal.ts";

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
  cli.out(findings.length === 0 ? "nothing was found" : listed(findings, cli.terminal));
  for (const line of suppressed(figures)) cli.out(cli.terminal.dim(line));
  return 0;
};

function listed(findings: readonly FindingRow[], terminal: Terminal): string {
  const head = ["uid", "level", "events", "last", "who and where", "what", ""].map((name) =>
    terminal.dim(name),
  );
  return table([head, ...findings.map((one) => row(one, terminal))], [2]);
}

function row(one: FindingRow, terminal: Terminal): string[] {
  const serious = one.level === "high" || one.level === "critical";
  return [
    one.uid.slice(0, 8),
    serious ? terminal.red(one.level) : one.level,
    number(one.count),
    one.last.slice(0, 19).replace("T", " "),
    who(one),
    printable(one.title),
    terminal.dim(
      [one.state === "open" ? "" : one.state, one.incident ?? ""].filter(Boolean).join(" · "),
    ),
  ];
}

/** Each value once: an account is often both who acted and whom it was done to. */
export function who({ entities }: Pick<FindingRow, "entities">): string {
  return printable([...new Set(entities.map(({ value }) => value))].join(" · ")) || "–";
}

// A log's text may hold sequences that a terminal obeys.
export function printable(value: string): string {
  return value.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
}

function suppressed({ suppressions }: FindingFigures): string[] {
  return suppressions.map(({ rule, entities, until, because, findings, events }) => {
    const only = Object.entries(entities).map(([name, value]) => ` ${name}=${value}`);
    return printable(
      `suppressed until ${until.slice(0, 16)}: ${rule}${only.join("")} (${because}): ${number(findings)} findings, ${number(events)} events`,
    );
  });
}
