import type { LogSource } from "../../logs/sources/list-sources.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { printable } from "../list-findings.ts";
import { number, table, type Terminal } from "../terminal.ts";

const MOST_GAPS = 5;

export const run: Run = async (cli, { options }) => {
  const api = await cli.api();
  const log = text(options["log"]);
  const sources = answer<LogSource[]>(
    await api.get("log-sources", log === undefined ? {} : { log }),
  );
  show(cli, sources, (all) => render(all, cli.terminal));
  return 0;
};

function render(sources: readonly LogSource[], terminal: Terminal): string {
  if (sources.length === 0) return "no events: tocsin ingest LOG…";
  const head = ["source", "is", "format", "events", "broken", "first", "last", "hours", "gaps"].map(
    (name) => terminal.dim(name),
  );
  const notes = sources.flatMap(notesOf).map((note) => terminal.yellow(`  !  ${note}`));
  return [table([head, ...sources.map((one) => row(one, terminal))], [3, 4, 7, 8]), ...notes].join(
    "\n",
  );
}

function row(one: LogSource, terminal: Terminal): string[] {
  return [
    printable(one.source),
    one.kind,
    one.formats.join(", "),
    number(one.events),
    one.broken === 0 ? "" : terminal.yellow(number(one.broken)),
    minute(one.first),
    minute(one.last),
    number(one.hours),
    one.gapCount === 0
      ? ""
      : terminal.yellow(`${number(one.gapCount)} (${number(one.gapHours)} h)`),
  ];
}

function notesOf(one: LogSource): string[] {
  const name = printable(one.source);
  const shown = one.gaps.toSorted((a, b) => b.hours - a.hours).slice(0, MOST_GAPS);
  return [
    ...shown.map(
      ({ from, to, hours }) =>
        `${name}: no record from ${minute(from)} to ${minute(to)}, ${number(hours)} h`,
    ),
    ...(one.timeless === 0
      ? []
      : [`${name}: ${number(one.timeless)} records tell no time that can be used`]),
    ...(one.damage === null ? [] : [`${name}: ${one.damage}`]),
    ...(one.kind === "unfinished"
      ? [`${name}: its reading stopped before it was on record: read it again`]
      : []),
  ];
}

function minute(time: string | undefined): string {
  return time === undefined ? "" : time.slice(0, 16).replace("T", " ");
}
