import type { Format } from "../format.ts";
import { json } from "./json.ts";

/** Delimited text of any application, its columns named in the first line: a record is the JSON object of its row. */
export const csv: Format = {
  ...json,
  name: "csv",
  about: "CSV and TSV of any application, with the names of its columns in the first line",
  records: { by: "csv" },
  // Any text can be cut at commas: a row is one only where it has as many fields as there are names.
  claims: "length(JSONExtractKeys(raw)) >= 4",
  rank: 1,
};
