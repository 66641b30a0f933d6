import type { z } from "zod";
import { TocsinError } from "./errors.ts";

/** Input of a verb, checked. @throws TocsinError `invalid`, one problem per issue, `at` being the path into the input. */
export function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => ({
    at: issue.path.map(String).join(".") || "input",
    message: issue.message,
  }));
  const first = problems[0];
  throw new TocsinError("invalid", first ? `${first.at}: ${first.message}` : "invalid input", {
    problems,
  });
}

/** Rows that came out of our own SQL. A mismatch is a bug, so it is thrown as one. */
export function rowsOf<Schema extends z.ZodType>(
  schema: Schema,
  rows: readonly unknown[],
): z.output<Schema>[] {
  return rows.map((row) => schema.parse(row));
}
