/**
 * RFC 4180, every cell quoted. What a spreadsheet would run as a formula (OWASP, CSV injection) begins with an apostrophe: names and
 * addresses are strangers' words.
 */
export function csvRows(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map((cell) => quoted(cell)).join(",")}\r\n`).join("");
}

function quoted(cell: string): string {
  const line = cell.replaceAll(/[\r\n\0]+/g, " ");
  const safe = /^\s*[=+\-@\t|%＝＋－＠]/u.test(line) ? `'${line}` : line;
  return `"${safe.replaceAll('"', '""')}"`;
}
