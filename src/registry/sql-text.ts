// The small words of the SQL that this folder writes: string literals and names for intermediate values.

/** A ClickHouse string literal. */
export function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** A ClickHouse identifier. */
export function named(column: string): string {
  return `\`${column.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;
}

/**
 * `body` with `name` standing for the value of `value`, which is then computed once. ClickHouse has no `let`: an alias would
 * leak into the caller's query, and repeating the text grows with each level.
 */
export function bound(name: string, value: string, body: string): string {
  return `arrayMap(${name} -> ${body}, [${value}])[1]`;
}
