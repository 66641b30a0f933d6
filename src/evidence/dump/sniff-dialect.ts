import { type Dialect, fieldsOf, findRecord, lineEnd } from "./delimited-record.ts";

export type SniffedDialect = Dialect & {
  /** The names of the columns, or `column_1` … where the file has none. */
  readonly columns: readonly string[];
  readonly header: boolean;
  readonly name: string;
};

const DELIMITERS = { comma: ",", semicolon: ";", tab: "\t", pipe: "|", colon: ":" } as const;
const MOST_RECORDS = 200;

type Reading = {
  name: string;
  dialect: Dialect;
  records: string[][];
  fields: number;
  share: number;
};

/** By which delimiter most of the first rows have the same number of fields, and at least two; one column otherwise. */
export function sniffDialect(head: Buffer): SniffedDialect {
  const quote = quoteOf(head);
  const readings = Object.entries(DELIMITERS)
    .map(([name, delimiter]) =>
      read(head, { name, dialect: { delimiter: delimiter.charCodeAt(0), quote } }),
    )
    .filter((one) => one.fields > 1 && one.share >= 0.5);
  // A delimiter that is only now and then in a field is less steady; of equally steady ones, the first in the list.
  const best =
    readings.toSorted((a, b) => b.share - a.share)[0] ??
    read(head, { name: "one column", dialect: { delimiter: 1, quote } });
  const first = best.records[0] ?? [];
  const header = isHeader(first, best.records.slice(1));
  const columns = Array.from(
    { length: header ? first.length : best.fields },
    (_, at) => (header ? first[at] : "") || `column_${at + 1}`,
  );
  return { ...best.dialect, name: best.name, header, columns: distinct(columns) };
}

function read(head: Buffer, { name, dialect }: { name: string; dialect: Dialect }): Reading {
  const records: string[][] = [];
  for (let from = 0; from < head.length && records.length < MOST_RECORDS;) {
    const found = findRecord(head, { from, final: true }, dialect);
    if (!found) break;
    const text = head.toString("utf8", from, found.end);
    if (found.problem === "" && text.trim() !== "") records.push(fieldsOf(text, dialect));
    from = found.problem === "" ? found.end : lineEnd(head, from);
  }
  const counts = new Map<number, number>();
  for (const { length } of records) counts.set(length, (counts.get(length) ?? 0) + 1);
  const [fields, times] = [...counts].toSorted((a, b) => b[1] - a[1])[0] ?? [1, 0];
  return {
    name,
    dialect,
    records,
    fields,
    share: records.length === 0 ? 0 : times / records.length,
  };
}

// Single quotes quote where fields begin and end with them, as some tools write; else an apostrophe is a letter.
function quoteOf(head: Buffer): number {
  const text = head.toString("latin1", 0, 65_536);
  const single = text.match(/(?:^|[,;\t|\n])'[^'\n]*'(?=[,;\t|\r\n])/g)?.length ?? 0;
  const double = text.match(/(?:^|[,;\t|\n])"/g)?.length ?? 0;
  return single > 2 && double === 0 ? 39 : 34;
}

const DATA = /@|^\$|^[+-]?\d[\d .,:/-]*$|^[0-9a-f]{32,}$|^\{/i;

/** Whether a first row names columns, by itself and by those below it. */
export function isHeader(first: readonly string[], rest: readonly (readonly string[])[]): boolean {
  const names = first.filter((name) => name !== "");
  if (names.length === 0 || names.some((name) => name.length > 64 || DATA.test(name))) return false;
  if (new Set(names).size < names.length) return false;
  if (names.some((name) => KNOWN.test(name))) return true;
  return rest.some((row) =>
    row.some((value, at) => DATA.test(value) !== DATA.test(first[at] ?? "")),
  );
}

const KNOWN =
  /^(id|uid|uuid|key|.*_id|e-?mail.*|.*e-?mail|user.?name|user|login|name|pass.*|hash|token.*|.*token|phone|address|country|account.*)$/i;

/** Each name once: `a`, `a_2`. */
export function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}_${times}`;
  });
}
