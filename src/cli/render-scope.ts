// What `tocsin scope` prints: lines of JSON as they come, or on a terminal tables at the end. No value, unless it was asked for.
import { titleOf } from "../core/categories.ts";
import { REASONS } from "../documents/document.ts";
import type { foundAlone, FoundPerson } from "../scope/found-people.ts";
import type { ScopedFiles } from "../scope/scope-files.ts";
import type { Cli } from "./cli.ts";
import { printable } from "./list-findings.ts";
import { number, table } from "./terminal.ts";

export type ScopeReport = {
  readonly batch: (batch: ScopedFiles) => void;
  readonly people: (people: readonly FoundPerson[]) => void;
  readonly alone: (found: Awaited<ReturnType<typeof foundAlone>>) => void;
  readonly someRead: () => boolean;
  readonly end: () => void;
};

export type ScopeReportInput = { readonly values: boolean; readonly accounts: number };

const MOST_SHOWN = 100;
const MOST_NOTES = 30;

export function scopeReport(cli: Cli, input: ScopeReportInput): ScopeReport {
  return cli.json ? linesReport(cli, input) : tableReport(cli, input);
}

type Sums = {
  files: number;
  documents: number;
  rows: number;
  texts: number;
  unread: number;
  read: boolean;
};
const MATCHES = ["certain", "ambiguous", "unmatched"] as const;
type Counts = Record<(typeof MATCHES)[number], number>;

const newSums = (): Sums => ({ files: 0, documents: 0, rows: 0, texts: 0, unread: 0, read: false });
const newCounts = (): Counts => ({ certain: 0, ambiguous: 0, unmatched: 0 });

function sum(sums: Sums, batch: ScopedFiles): void {
  sums.files += batch.files.length;
  sums.documents += batch.documents;
  sums.rows += batch.rows;
  sums.texts += batch.texts;
  sums.unread += batch.unread.length + batch.unlisted;
  sums.read ||= batch.files.some(({ kind }) => kind !== null);
}

function linesReport(cli: Cli, { values, accounts }: ScopeReportInput): ScopeReport {
  const sums = newSums();
  const counts = newCounts();
  const line = (kind: string, what: object): void => cli.out(JSON.stringify({ kind, ...what }));
  return {
    batch(batch) {
      sum(sums, batch);
      for (const { name, kind } of batch.files) line("file", { name, is: kind });
      for (const one of batch.unread) line("unread", one);
      for (const one of batch.setAside) line("set aside", one);
      for (const { column, category, how, also, rows } of batch.columns)
        line("column", { column, category: category ?? null, how, also, rows });
    },
    people(people) {
      for (const { address, ...person } of people) {
        counts[person.match] += 1;
        line("person", values ? { ...person, address } : person);
      }
    },
    alone(found) {
      for (const one of found) line("nobody's", one);
    },
    someRead: () => sums.read,
    end: () => {
      const { read: _read, ...rest } = sums;
      line("summary", { ...rest, registry: accounts, people: counts });
    },
  };
}

function tableReport(cli: Cli, { values, accounts }: ScopeReportInput): ScopeReport {
  const { terminal } = cli;
  const sums = newSums();
  const counts = newCounts();
  const fields = new Map<string, number>();
  const notes: string[] = [];
  const shown: FoundPerson[] = [];
  const columns: ScopedFiles["columns"][number][] = [];
  return {
    batch(batch) {
      sum(sums, batch);
      notes.push(...notesOf(batch));
      columns.push(...batch.columns.filter(({ category }) => category !== undefined));
    },
    people(people) {
      for (const person of people) {
        counts[person.match] += 1;
        const own = new Set(person.fields.map(({ category }) => category));
        for (const category of own) fields.set(category, (fields.get(category) ?? 0) + 1);
        if (shown.length < MOST_SHOWN) shown.push(person);
      }
    },
    alone(found) {
      for (const { category, count, places } of found)
        notes.push(
          `${number(count)} × ${titleOf(category, "en")} beside nobody or several people: ${printable(places[0] ?? "")}`,
        );
    },
    someRead: () => sums.read,
    end() {
      const dim = (names: readonly string[]): string[] => names.map((name) => terminal.dim(name));
      if (columns.length > 0)
        cli.out(
          table([dim(["column", "taken for", "because of", "rows"]), ...columnRows(columns)], [3]),
        );
      if (shown.length > 0)
        cli.out(
          `\n${table([dim(["who", "match", "fields", "first place"]), ...shown.map((one) => personRow(one, values))])}`,
        );
      const more = counts.certain + counts.ambiguous + counts.unmatched - shown.length;
      if (more > 0) cli.out(terminal.dim(`and ${number(more)} more: --json lists everybody`));
      if (fields.size > 0)
        cli.out(`\n${table([dim(["field", "people"]), ...fieldRows(fields)], [1])}`);
      cli.out(`\n${summary(sums, counts, accounts)}`);
      const over = notes.length - MOST_NOTES;
      if (over > 0)
        notes.splice(MOST_NOTES, over, `and ${number(over)} more of the kind: --json lists all`);
      for (const note of notes) cli.note(terminal.yellow(`  !  ${note}`));
    },
  };
}

function notesOf({ unread, unlisted, setAside }: ScopedFiles): string[] {
  return [
    ...unread.map(
      ({ at, reason, detail }) => `not read: ${printable(at)} ${REASONS[reason]}: ${detail}`,
    ),
    ...(unlisted > 0 ? [`${number(unlisted)} more parts are not read`] : []),
    ...setAside.map(
      ({ at, count, reason }) =>
        `${printable(at ?? "")}: ${number(count)} rows are not whole (${reason}); they are read as text`,
    ),
  ];
}

function columnRows(columns: readonly ScopedFiles["columns"][number][]): string[][] {
  return columns
    .slice(0, MOST_SHOWN)
    .map(({ column, category, how, rows }) => [
      printable(column),
      titleOf(category ?? "", "en"),
      how,
      number(rows),
    ]);
}

function personRow(person: FoundPerson, values: boolean): string[] {
  const { account, address, match, fields } = person;
  const who = account === "" ? "outside the registry" : account;
  const titles = [
    ...new Set(
      fields.map(
        ({ category, grade }) => titleOf(category, "en") + (grade === "" ? "" : ` (${grade})`),
      ),
    ),
  ];
  const places = fields.flatMap((field) => field.places);
  return [
    printable(values && address !== "" ? `${who} ${address}` : who),
    match,
    titles.join(", "),
    printable(places.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))[0] ?? ""),
  ];
}

function fieldRows(fields: ReadonlyMap<string, number>): string[][] {
  return [...fields]
    .toSorted((a, b) => b[1] - a[1])
    .map(([category, people]) => [titleOf(category, "en"), number(people)]);
}

function summary(sums: Sums, counts: Counts, accounts: number): string {
  const read = `${number(sums.documents)} documents in ${number(sums.files)} files: ${number(sums.rows)} rows, ${number(sums.texts)} pieces of text, ${number(sums.unread)} parts not read`;
  return `${number(counts.certain)} of ${number(accounts)} in the registry are in them, ${number(counts.ambiguous)} more perhaps, and ${number(counts.unmatched)} people outside it\n${read}`;
}
