import type { LogReport, ReadSource } from "../logs/read-logs.ts";
import { printable } from "./list-findings.ts";
import { number, table, type Terminal } from "./terminal.ts";

const MOST_NOTES = 20;

/** What was taken for what, what is broken, and what was not read. */
export function renderLogReport({ sources, unread }: LogReport, terminal: Terminal): string {
  const head = ["log", "taken for", "records", "broken", "first", "last"].map((name) =>
    terminal.dim(name),
  );
  const rows = sources.map((one) => [
    printable(one.name),
    taken(one),
    number(one.records),
    one.broken === 0 ? "" : terminal.yellow(number(one.broken)),
    short(one.first),
    short(one.last),
  ]);
  const notes = [
    ...unread.map(({ name, reason }) => `not read: ${printable(name)}: ${reason}`),
    ...sources.flatMap(notesOf),
  ];
  const more = notes.length - MOST_NOTES;
  if (more > 0) notes.splice(MOST_NOTES, more, `and ${number(more)} more of the kind`);
  const listed = sources.length === 0 ? [] : [table([head, ...rows], [2, 3])];
  return [...listed, ...notes.map((note) => terminal.yellow(`  !  ${note}`))].join("\n");
}

function taken({ format, share, compression }: ReadSource): string {
  const doubt =
    share === "given" || share === 1 || share === 0
      ? ""
      : ` (${Math.round(share * 100)} % of a sample)`;
  return `${format}${compression === undefined ? "" : `, ${compression}`}${doubt}`;
}

function notesOf(one: ReadSource): string[] {
  const name = printable(one.name);
  return [
    ...one.brokenAt.slice(0, 3).map(({ place, reason }) => `${name}:${place}: ${reason}`),
    ...(one.damage === undefined ? [] : [`${name}: ${one.damage}; what came before is read`]),
    ...(one.others.length === 0 ? [] : [`${name}: also holds records of ${one.others.join(", ")}`]),
    ...(one.timeless === 0
      ? []
      : [`${name}: ${number(one.timeless)} records tell no time that can be used`]),
  ];
}

function short(time: string | undefined): string {
  return time === undefined ? "" : time.slice(0, 19).replace("T", " ");
}
