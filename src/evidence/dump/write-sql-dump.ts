// A dump of pg_dump, mysqldump, mariadb-dump or sqlite3: every table that has rows becomes a table of ours. Nothing in it is
// ever run.
import type { Dump, DumpTable } from "./dump.ts";
import { openRowWriter, type RowWriter } from "./row-writer.ts";
import { countSetAside, type SetAsideCount } from "./set-aside.ts";
import {
  COPY,
  columnsOfTable,
  CREATE,
  type Flavour,
  INSERT,
  matchAt,
  namesOf,
  passBlank,
  passQuoted,
  unquotedName,
} from "./sql-syntax.ts";
import { SqlText } from "./sql-text.ts";
import { copyRow, sqlRow } from "./sql-values.ts";

/** A statement's head, with its list of columns, is shorter than this. */
const HEAD = 65_536;
const MOST_TABLES = 500;

type Reading = {
  readonly text: SqlText;
  readonly flavour: Flavour;
  readonly folder: string;
  readonly setAside: SetAsideCount;
  readonly writers: Map<string, RowWriter>;
  /** Of `create table`, for inserts that name none. */
  readonly columns: Map<string, readonly string[]>;
  /** Of the last row, through all tables. */
  number: number;
};

export function isSqlDump(head: string): boolean {
  return [INSERT, COPY, CREATE].some((pattern) =>
    new RegExp(`^\\s*(?:${pattern.source})`, "imu").test(head),
  );
}

export async function writeSqlDump(
  chunks: AsyncIterable<Buffer>,
  { folder, head }: { folder: string; head: string },
): Promise<Omit<Dump, "format">> {
  await using writers = new AsyncDisposableStack();
  const reading: Reading = {
    text: new SqlText(chunks),
    flavour: { backslash: /`|mysql|mariadb/i.test(head) && !/postgresql/i.test(head) },
    folder,
    setAside: countSetAside(),
    writers: new Map(),
    columns: new Map(),
    number: 0,
  };
  writers.defer(
    async () =>
      await Promise.all(
        [...reading.writers.values()].map(async (one) => await one[Symbol.asyncDispose]()),
      ).then(() => {}),
  );
  for (let more = true; more;) more = await readStatement(reading);
  await reading.text.close();
  const tables: DumpTable[] = [];
  for (const writer of reading.writers.values()) tables.push(await writer.table());
  return { tables: tables.filter((table) => table.rows > 0), setAside: reading.setAside.list() };
}

// False at the end.
async function readStatement(reading: Reading): Promise<boolean> {
  const { text } = reading;
  const start = await nextWord(text);
  if (start === undefined) return false;
  text.at = start;
  await text.ahead(HEAD);
  if (text.at >= text.text.length) return false;
  const copy = matchAt(COPY, text.text, text.at);
  if (copy) {
    text.at += copy[0].length;
    await readCopy(reading, await target(reading, copy));
    return true;
  }
  const insert = matchAt(INSERT, text.text, text.at);
  if (insert) {
    text.at += insert[0].length;
    await readInsert(reading, await target(reading, insert));
    return true;
  }
  const create = matchAt(CREATE, text.text, text.at);
  const length = await passStatement(reading);
  if (length === undefined) return false;
  if (create)
    rememberColumns(reading, {
      create,
      body: text.text.slice(text.at - length + create[0].length, text.at),
    });
  return true;
}

// Blanks at the end of what has come in may go on in what comes next, and its last character may begin a comment.
async function nextWord(text: SqlText): Promise<number | undefined> {
  return await text.take((all, at) => {
    const next = passBlank(all, at, text.ended);
    return next !== undefined && (next + 1 < all.length || text.ended) ? next : undefined;
  });
}

type Target = { readonly writer: RowWriter; readonly width: number | undefined } | undefined;

async function target(reading: Reading, head: RegExpExecArray): Promise<Target> {
  const name = unquotedName(head[1] ?? "");
  const columns = head[2] === undefined ? reading.columns.get(name) : namesOf(head[2]);
  const writer = reading.writers.get(name) ?? (await newWriter(reading, name));
  if (!writer) return undefined;
  for (const column of columns ?? []) writer.column(column);
  return { writer, width: columns?.length };
}

async function newWriter(
  { writers, folder }: Reading,
  name: string,
): Promise<RowWriter | undefined> {
  if (writers.size >= MOST_TABLES) return undefined;
  const writer = await openRowWriter(folder, { name, file: `table-${writers.size + 1}` });
  writers.set(name, writer);
  return writer;
}

async function keep(reading: Reading, to: Target, values: readonly string[]): Promise<void> {
  reading.number += 1;
  const problem = problemOf(to, values);
  if (problem !== undefined || to === undefined) {
    reading.setAside.add(problem ?? "in a table beyond the 500th", reading.number);
    return;
  }
  if (to.width === undefined)
    for (let at = 1; at <= values.length; at += 1) to.writer.column(`column_${at}`);
  await to.writer.add(reading.number, values);
}

function problemOf(to: Target, values: readonly string[]): string | undefined {
  const width = to?.width ?? values.length;
  if (values.length !== width) return values.length < width ? "too few fields" : "too many fields";
  if (values.some((value) => value.includes("\ufffd"))) return "not UTF-8";
  return values.some((value) => value.includes("\0")) ? "a NUL byte" : undefined;
}

async function readCopy(reading: Reading, to: Target): Promise<void> {
  const { text } = reading;
  for (;;) {
    const end = await text.take((all, at) => positive(all.indexOf("\n", at)));
    const line = text.text.slice(text.at, end).replace(/\r$/, "");
    text.at = end === undefined ? text.text.length : end + 1;
    if (line === "\\." || (end === undefined && line === "")) return;
    await keep(reading, to, copyRow(line));
    if (end === undefined) return;
  }
}

function positive(at: number): number | undefined {
  return at < 0 ? undefined : at;
}

async function readInsert(reading: Reading, to: Target): Promise<void> {
  const { text, flavour } = reading;
  for (;;) {
    const start = await nextWord(text);
    if (start === undefined || text.text[start] !== "(") {
      if (start !== undefined) text.at = start;
      await passStatement(reading);
      return;
    }
    text.at = start;
    const row = await text.take((all, at) => sqlRow(all, at, flavour));
    if (!row) {
      reading.number += 1;
      reading.setAside.add("a row that does not end", reading.number);
      text.at = text.text.length;
      return;
    }
    text.at = row.end;
    await keep(reading, to, row.values);
    const comma = await text.take((all, at) => matchAt(/\s*[^\s]/y, all, at));
    if (comma?.[0].endsWith(",")) text.at += comma[0].length;
  }
}

/** Moves behind the statement's `;` and says how long it was. Undefined at the end of the text. */
async function passStatement({ text, flavour }: Reading): Promise<number | undefined> {
  const end = await text.take((all, at) => {
    for (let next = at; next < all.length;) {
      if (all[next] === ";") return next + 1;
      const past = passQuoted(all, next, flavour);
      if (past === undefined) return undefined;
      next = Math.max(past, next + 1);
    }
    return undefined;
  });
  if (end === undefined) {
    text.at = text.text.length;
    return undefined;
  }
  const passed = end - text.at;
  text.at = end;
  return passed;
}

function rememberColumns(
  { columns, flavour }: Reading,
  { create, body }: { create: RegExpExecArray; body: string },
): void {
  columns.set(
    unquotedName(create[1] ?? ""),
    columnsOfTable(body.replace(/\)[^)]*;$/, ""), flavour),
  );
}
