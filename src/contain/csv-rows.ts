/** Rows of a small CSV (RFC 4180) by the names in its first line. For files of the organisation's own, read whole. */
export function csvRows(text: string): Record<string, string>[] {
  const [names = [], ...rows] = records(text.replace(/^\uFEFF/, ""));
  return rows.map((fields) =>
    Object.fromEntries(names.map((name, index) => [name.trim(), fields[index] ?? ""])),
  );
}

// A field, quoted or not, and what ends it.
const FIELD = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/y;

function records(text: string): string[][] {
  const all: string[][] = [];
  let record: string[] = [];
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex < text.length) {
    const [whole = "", field = "", end = ""] = FIELD.exec(text) ?? [];
    if (whole === "") break; // a stray quote: what follows cannot be told apart
    record.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (end === ",") continue;
    if (record.some((value) => value !== "")) all.push(record);
    record = [];
  }
  if (record.length > 0) all.push(record);
  return all;
}
