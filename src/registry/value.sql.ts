// How single values of a source are read, as ClickHouse SQL.
import { bound, quoted } from "./sql-text.ts";

const TRUE = ["true", "t", "1", "yes", "y", "on"];
// MySQL writes a date that is none as zeros.
const FALSE = [
  "",
  "false",
  "f",
  "0",
  "no",
  "n",
  "off",
  "null",
  "none",
  "0000-00-00",
  "0000-00-00 00:00:00",
];

/** Blanks at the ends off. Values of a page that is not tidy become UTF-8 without NUL, 4,000 octets at most. */
export function textSql(value: string, tidy: boolean): string {
  if (value === "''") return value;
  if (tidy) return `trimBoth(${value})`;
  return `trimBoth(replaceAll(toValidUTF8(substring(${value}, 1, 4000)), char(0), ''))`;
}

/** 1 for yes, 0 for no and for nothing, 2 for anything else. */
export function truthSql(value: string): string {
  return bound(
    "tr0",
    `lower(${value})`,
    `multiIf(tr0 in (${list(FALSE)}), 0, tr0 in (${list(TRUE)}), 1, 2)`,
  );
}

/** A flag, or a time at which something became so. */
export function trueSql(value: string, given: boolean): string {
  return given ? `${truthSql(value)} != 0` : "false";
}

/**
 * The address to write to: as it is written, because the mailbox's owner chose it, with the domain in lower case. `key` is the
 * address's key; where it is '' so is the result.
 */
export function addressSql(written: string, key: string): string {
  const plain = bound(
    "ad0",
    `substringIndex(${written}, '@', -1)`,
    `concat(substring(${written}, 1, length(${written}) - length(ad0)), lower(trim(trailing '.' from ad0)))`,
  );
  // `repeat` and not a further branch: branches put values off, which costs more than the values.
  return bound("ad1", key, `if(isASCII(${written}), repeat(${plain}, ad1 != ''), ad1)`);
}

function list(words: readonly string[]): string {
  return words.map(quoted).join(", ");
}
