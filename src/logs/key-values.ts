// `key=value key="value with blanks"` as ClickHouse takes it apart: one pass, no regular expression.
import { quote } from "../db/click-bind.ts";

/** SQL, Map(String, String) of a text's pairs. Quotes may be escaped within a value. The first of a key that stands twice wins. */
export function pairsOf(
  text: string,
  between: { readonly pairs: string } = { pairs: " " },
): string {
  return `extractKeyValuePairsWithEscaping(${text}, '=', ${quote(between.pairs)}, '"')`;
}

/** SQL, String: the value of the first of the keys that has one. */
export function valueOf(pairs: string, ...keys: readonly string[]): string {
  const values = keys.map((key) => `${pairs}[${quote(key)}]`);
  const [only = "''"] = values;
  return values.length === 1
    ? only
    : `multiIf(${values.map((value) => `${value} != '', ${value}`).join(", ")}, '')`;
}

/** SQL: the pairs as the column `fields` holds them. */
export function asFields(pairs: string): string {
  return `cast(${pairs} as Map(LowCardinality(String), String))`;
}
