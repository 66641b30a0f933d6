import { z } from "zod";
import { Key, Path, SecretText } from "./words.ts";

const From = z.union([
  z.strictObject({ postgres: SecretText, query: z.string() }),
  z.strictObject({ mysql: SecretText, query: z.string() }),
  z.strictObject({ csv: Path }),
  z.strictObject({ ndjson: Path }),
  z.strictObject({ parquet: Path }),
]);

const Column = z.string().min(1);

/** One list of accounts. Every value names a column of the source. */
export const RegistrySource = z.strictObject({
  from: From,
  key: Column.describe("the account's id in the organisation's own systems"),
  changed: Column.optional().describe(
    "a column that grows with each change; makes refreshes incremental",
  ),
  deleted: Column.optional().describe("true or a time where the account is closed"),
  identifiers: z.strictObject({
    email: Column.optional(),
    username: Column.optional(),
    phone: Column.optional(),
  }),
  subject: z
    .array(Column)
    .optional()
    .describe("the columns that make a person; by default the e-mail address"),
  shared_mailbox: Column.optional().describe(
    "true where several people read the address: each account is then a person",
  ),
  name: Column.optional(),
  country: Column.optional().describe("ISO 3166-1 alpha-2"),
  region: Column.optional().describe("ISO 3166-2 subdivision: laws of states need it"),
  language: Column.optional().describe("BCP 47"),
  tenant: Column.optional(),
  contacts: z
    .strictObject({
      guardian: Column.optional(),
      estate: Column.optional(),
      security: Column.optional(),
      billing: Column.optional(),
    })
    .default({}),
  minor: Column.optional().describe("true, or a date of birth"),
  do_not_contact: Column.optional().describe("the reason, empty where there is none"),
  may_shrink_by: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe(
      "share of the accounts; a refresh that would lose more is refused, unless it is told that this is right",
    ),
  attributes: z.array(Column).default([]).describe("kept for cohorts: two_factor, plan"),
});
export type RegistrySource = z.output<typeof RegistrySource>;
export const Registry = z.record(Key, RegistrySource);
