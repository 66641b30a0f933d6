import type { ClickHouseSettings } from "@clickhouse/client";

// Settings of every connection, embedded or given: results read the same, and large statements spill to disk in time.
export const CLICK_SETTINGS = {
  output_format_json_quote_64bit_integers: 0 as const,
  date_time_output_format: "iso",
  date_time_input_format: "best_effort",
  session_timezone: "UTC",
  max_query_size: "268435456", // sets of keys and rules travel as literals
  max_ast_elements: "10000000",
  max_expanded_ast_elements: "10000000",
  compile_expressions: 0 as const, // a condition of a hundred leaves took 8 s to compile, and 0.1 s to run
  max_bytes_before_external_group_by: "150000000",
  max_bytes_before_external_sort: "150000000",
  // By default an insert gathers 256 MB before it writes, and a CSV is parsed 10 MB at a time in each thread: at 190,000 wide rows that
  // alone reached a ceiling of 600 MB.
  min_insert_block_size_rows: "65536",
  min_insert_block_size_bytes: "16000000",
  min_chunk_bytes_for_parallel_parsing: "2000000",
} satisfies ClickHouseSettings;

/** Appended to a statement as its `settings` clause. */
export function settingsClause(settings: Readonly<Record<string, string | number>> = {}): string {
  const parts = Object.entries(settings).map(([name, value]) => {
    if (!/^\w+$/.test(name)) throw new RangeError(`${name} is no setting`);
    return `${name} = ${typeof value === "number" ? value : `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`}`;
  });
  return parts.length === 0 ? "" : ` settings ${parts.join(", ")}`;
}
