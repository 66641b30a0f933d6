// The same recognition as src/scope/token-formats.ts, as ClickHouse SQL over one column.
import { quote } from "../db/click-bind.ts";
import { MALFORMED, TOKEN_FORMATS, type TokenFormat } from "./token-formats.ts";

/** The name of the format; `malformed` where none of the category's fits; '' for categories without known formats. */
export function tokenDetailSql(value: string, category: string): string {
  const formats = TOKEN_FORMATS.filter((format) => format.category === category);
  if (formats.length === 0) return "''";
  const cases = formats.map((format) => `${wellFormedSql(value, format)}, ${quote(format.name)}`);
  return `multiIf(${cases.join(", ")}, ${quote(MALFORMED)})`;
}

/** Recognises a value again without telling it: tokens have 100 bits and more, so nobody guesses their way to it. */
export function markSql(value: string): string {
  return `lower(hex(substring(SHA256(${value}), 1, 16)))`;
}

function wellFormedSql(value: string, { pattern, checksum }: TokenFormat): string {
  const fits = `match(${value}, ${quote(pattern)})`;
  return checksum ? `(${fits} and ${checksumSql(value)} = substring(${value}, -6))` : fits;
}

// Base62 of the CRC-32, six digits with leading zeros.
function checksumSql(value: string): string {
  const sum = `CRC32(substring(${value}, 5, length(${value}) - 10))`;
  const digits = [916_132_832, 14_776_336, 238_328, 3_844, 62, 1].map(
    (place) =>
      `substring('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', intDiv(${sum}, ${place}) % 62 + 1, 1)`,
  );
  return `concat(${digits.join(", ")})`;
}
