import { z } from "zod";
import { Category, Key, PaceText, Path, SecretText } from "./words.ts";

/** What an action declares of itself. The plan shows it, `work` obeys it. */
const traits = {
  idempotent: z.boolean().optional(),
  reversible: z.boolean().optional(),
  batch: z.int().min(1).max(10_000).optional(),
  pace: PaceText.optional(),
  ends: z.array(Category).optional().describe("data categories that are harmless once this is done"),
  by: z.enum(["tocsin", "customer"]).optional().describe("customer: only the customer can do it; Tocsin watches"),
  title: z.string().optional().describe("what the plan and the report call it: invalidate password"),
};

/** SQL with `:targets` (an array of account ids) in it. */
const SqlAction = z.strictObject({
  ...traits,
  do: z.string().optional().describe("one statement; `:targets` is the array of keys; repeatable"),
  left: z.string().describe("selects the keys among `:targets` that are still not done: read back after each batch"),
  found: z.string().optional().describe("selects the keys among `:targets` that exist: the dry run; by default all"),
  undo: z.string().optional(),
});

const HttpAction = z.strictObject({
  ...traits,
  method: z.enum(["POST", "PUT", "PATCH", "DELETE", "GET"]).default("POST"),
  path: z.string().describe("Liquid over `target` (one) or `targets` (a batch)"),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional().describe("Liquid"),
  idempotency_header: z.string().optional(),
  done: z.array(z.int()).default([200, 201, 202, 204]),
  gone: z.array(z.int()).default([404, 410]),
  left: z
    .strictObject({ method: z.enum(["GET", "POST"]).default("GET"), path: z.string(), done: z.array(z.int()) })
    .optional()
    .describe("asked for each target afterwards; `done` are the answers that prove it"),
});

/** Signs in as a planted account, with the secret that the breach exposed. Must be refused once the action is done. */
const Canaries = z.strictObject({
  accounts: Path.describe("CSV: key, username, password or token; Tocsin's own test accounts only"),
  url: z.url(),
  body: z.string().describe("Liquid over the row"),
  refused: z.array(z.int()).default([401, 403]),
});

export const Connector = z.union([
  z.strictObject({
    sql: SecretText,
    actions: z.record(Key, SqlAction),
    canaries: Canaries.optional(),
    pace: PaceText.optional(),
  }),
  z.strictObject({
    http: z.strictObject({
      url: z.url(),
      headers: z.record(z.string(), z.string()).default({}),
      token_file: Path.optional(),
      allow_internal: z.boolean().default(false),
    }),
    actions: z.record(Key, HttpAction),
    canaries: Canaries.optional(),
    pace: PaceText.optional(),
  }),
  z.strictObject({
    github: z.strictObject({
      url: z.url().default("https://api.github.com"),
      allow_internal: z.boolean().default(false),
      check: z
        .strictObject({ client_id: z.string(), client_secret_file: Path })
        .optional()
        .describe("the OAuth app that issued the tokens: its check call is the proof"),
    }),
    pace: PaceText.optional(),
  }),
  z.strictObject({
    vendor: z.strictObject({
      name: z.string(),
      address: z.email(),
      chase_after: z.string().default("24h"),
    }),
    actions: z.record(Key, z.strictObject({ ...traits, text: Path.optional() })).default({}),
  }),
  z.strictObject({
    manual: z.strictObject({ owner: z.string() }),
    actions: z.record(Key, z.strictObject({ ...traits, steps: z.array(z.string()).min(1) })),
  }),
]);
export type Connector = z.output<typeof Connector>;
