import { z } from "zod";
import { Category, Key, Name, Path } from "./words.ts";

export const ACTS = ["exposed", "accessed", "acquired", "altered", "lost"] as const;
export const SURENESS = ["confirmed", "likely", "possible"] as const;

const EvidenceFile = z.strictObject({
  file: Path,
  kind: z.enum(["records", "log", "mail", "statement", "file"]),
  as: z.string().optional().describe("log: which source it is"),
  registry: Key.optional().describe("records: whose accounts; by default the only registry"),
  columns: z
    .record(z.string(), Category.or(z.literal("ignore")))
    .default({})
    .describe("corrects what was recognised"),
  act: z.enum(ACTS).default("acquired"),
  sure: z.enum(SURENESS).default("confirmed"),
  withdraws: Key.optional().describe(
    "these rows were wrongly in that evidence: whoever was told is told so",
  ),
  note: z.string().optional(),
});

const OneOrMany = z.union([Category, z.array(Category).min(1)]);

/** A set of accounts. The given conditions all hold; a text is an expression over other cohorts: `a + b - c & d`. */
export const Cohort = z.union([
  z.string().min(1),
  z.strictObject({
    in: z
      .union([Key, z.array(Key).min(1)])
      .optional()
      .describe("evidence"),
    with: OneOrMany.optional().describe("any of these categories was exposed"),
    country: z.union([z.string(), z.array(z.string())]).optional(),
    sure: z.union([z.enum(SURENESS), z.array(z.enum(SURENESS))]).optional(),
    where: z
      .record(z.string(), z.string())
      .optional()
      .describe("registry attributes: two_factor: 'false'"),
    set: z.string().optional().describe("an expression over other cohorts"),
  }),
]);
export type Cohort = z.output<typeof Cohort>;

const Action = z.strictObject({
  do: z
    .string()
    .regex(
      /^[a-z0-9_-]+\.[a-z0-9_-]+$/,
      "write connector.action, such as accounts.invalidate-password",
    ),
  to: z.string().min(1).describe("a cohort, or an expression over cohorts"),
  of: z.string().optional().describe("what is asked of whom, for a vendor"),
  after: z.array(z.string()).default([]).describe("actions that must have ended first"),
  secret: Category.optional().describe(
    "the exposed value that the action needs, such as token.github",
  ),
});

const Notice = z.strictObject({
  to: z.string().min(1),
  text: Path.describe("templates beside this file: TEXT.en.md, TEXT.fr.md"),
  correction: z
    .boolean()
    .default(false)
    .describe("to those told in error; `to` is then who was told and is in no cohort"),
  after: z.array(z.string()).default([]),
  provider: Key.optional(),
});

/** incident.yaml: one breach. Decisions are recorded with `tocsin decide`, not here. */
export const IncidentFile = z.strictObject({
  incident: Name,
  title: z.string().min(1),
  lead: z.string().min(1),
  window: z
    .strictObject({ from: z.iso.datetime({ offset: true }), to: z.iso.datetime({ offset: true }) })
    .optional(),
  summary: z.string().optional(),
  involved: z
    .array(z.string())
    .default([])
    .describe("staff named in the incident: they cannot approve"),
  compromised_mailboxes: z
    .array(z.string().regex(/^[^\s@]+$/, "write a mail domain, such as example.com"))
    .default([])
    .describe(
      "mail domains whose mailboxes the intruder can read: who is reached only there is pointed out",
    ),
  evidence: z.record(Key, EvidenceFile).default({}),
  cohorts: z.record(Key, Cohort).default({}),
  actions: z.array(Action).default([]),
  notices: z.array(Notice).default([]),
  statement: Path.optional(),
  obligations: z.array(z.enum(["gdpr", "uk-gdpr", "us-ca"])).default([]),
});
export type IncidentFile = z.output<typeof IncidentFile>;
