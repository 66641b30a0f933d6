import { z } from "zod";
import { Category, Duration, Key, PaceText, Path, SecretText } from "./words.ts";

const Title = z.string().describe("what the plan and the report call it: invalidate password");

/** What an action declares of itself. The plan shows it, `work` obeys it. */
const traits = {
  title: Title.optional(),
  idempotent: z
    .boolean()
    .optional()
    .describe(
      "twice is as good as once; if not, work that a crash cut short is asked about, never repeated blindly",
    ),
  reversible: z.boolean().optional().describe("shown in the plan; by default what has an `undo`"),
  batch: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe("at most so many targets in one statement or request"),
  pace: PaceText.optional().describe("targets a second, minute, hour or day; `github`: requests"),
  ends: z
    .array(Category)
    .optional()
    .describe("data categories that are harmless once this is done"),
  by: z
    .enum(["tocsin", "customer"])
    .optional()
    .describe(
      "customer: only the customer can do it; Tocsin does nothing but read back whether it is done",
    ),
};

/** SQL with `:targets` in it, the array of account ids: `where id = any(:targets)` or `where id in (:targets)`. */
export const SqlAction = z
  .strictObject({
    ...traits,
    do: z
      .string()
      .optional()
      .describe("one statement, run in a transaction of its own; `:targets` is the array of keys"),
    left: z
      .string()
      .describe(
        "selects, in its first column, the keys among `:targets` that are still not done: read back after each batch",
      ),
    found: z
      .string()
      .optional()
      .describe(
        "selects the keys among `:targets` that exist: the dry run; the others end as gone. By default all exist",
      ),
    undo: z.string().optional().describe("takes it back: one statement over `:targets`"),
  })
  .refine((action) => action.do !== undefined || action.by === "customer", {
    message: "say what to `do`, or `by: customer` where only the customer can",
    path: ["do"],
  });
export type SqlAction = z.output<typeof SqlAction>;

const Status = z.int().min(100).max(599);

export const HttpAction = z
  .strictObject({
    ...traits,
    method: z.enum(["POST", "PUT", "PATCH", "DELETE", "GET"]).default("POST"),
    path: z
      .string()
      .optional()
      .describe(
        "Liquid over `target.key` (one) or `targets` (a batch), appended to the connector's url; values are escaped",
      ),
    headers: z.record(z.string(), z.string()).default({}),
    body: z
      .string()
      .optional()
      .describe(
        'Liquid; values are escaped for JSON: {"id": "{{ target.key }}"} or {{ keys | json }}',
      ),
    content_type: z.string().default("application/json"),
    idempotency_header: z
      .string()
      .optional()
      .describe(
        "Idempotency-Key: sent with a key that stays the same however often this target of this run is tried",
      ),
    done: z.array(Status).default([200, 201, 202, 204]),
    gone: z.array(Status).default([404, 410]),
    left: z
      .strictObject({
        method: z.enum(["GET", "POST", "HEAD"]).default("GET"),
        path: z.string(),
        body: z.string().optional().describe("Liquid, JSON: {{ keys | json }}"),
        done: z.array(Status).min(1),
        lists: z
          .boolean()
          .default(false)
          .describe(
            "asked once for a whole batch: the answer is a JSON array of the keys that are still not done",
          ),
      })
      .optional()
      .describe("asked for each target afterwards; `done` are the answers that prove it"),
  })
  .refine((action) => action.path !== undefined || action.by === "customer", {
    message: "give the `path`, or `by: customer` where only the customer can do it",
    path: ["path"],
  })
  .refine((action) => action.left !== undefined || action.by !== "customer", {
    message: "say how to read back whether the customer has done it",
    path: ["left"],
  });
export type HttpAction = z.output<typeof HttpAction>;

/** Signs in as a planted account, with the secret that the breach exposed. Must get in before, and be refused once it is done. */
export const Canaries = z.strictObject({
  accounts: Path.describe(
    "CSV with a column `key` and whatever `body` needs; Tocsin's own test accounts only",
  ),
  url: z.url().describe("where a customer signs in"),
  method: z.enum(["GET", "POST"]).default("POST"),
  headers: z.record(z.string(), z.string()).default({}).describe("Liquid over the row"),
  body: z
    .string()
    .optional()
    .describe("Liquid over the row; values are escaped for the content type"),
  content_type: z.string().default("application/json"),
  accepted: z.array(Status).default([200, 201, 204]),
  refused: z.array(Status).default([401, 403]),
  proves: z
    .array(Key)
    .optional()
    .describe("which actions they prove; by default each that says what it `ends`"),
  allow_internal: z
    .boolean()
    .default(false)
    .describe("the host in `url` may be an internal address"),
});
export type Canaries = z.output<typeof Canaries>;

const of = Key.optional().describe(
  "the registry whose accounts it acts on; needed where there are several",
);

export const SqlConnector = z.strictObject({
  of,
  sql: SecretText.describe(
    "postgres://user@host/database (a socket: ?host=/run/postgresql) or mysql://user@host/database",
  ),
  timeout: Duration.prefault("30s").describe(
    "a statement that takes longer is cancelled and tried again",
  ),
  actions: z.record(Key, SqlAction),
  canaries: Canaries.optional(),
  pace: PaceText.optional(),
});
export type SqlConnector = z.output<typeof SqlConnector>;

export const HttpConnector = z.strictObject({
  of,
  http: z.strictObject({
    url: z.url({ protocol: /^https?$/ }),
    headers: z.record(z.string(), z.string()).default({}),
    token_file: Path.optional().describe("its content is sent as `Authorization: Bearer`"),
    allow_internal: z
      .boolean()
      .default(false)
      .describe("the host in `url`, and no other, may be an internal address"),
    timeout: Duration.prefault("30s"),
    connections: z.int().min(1).max(64).default(8),
  }),
  actions: z.record(Key, HttpAction),
  canaries: Canaries.optional(),
  pace: PaceText.optional(),
});
export type HttpConnector = z.output<typeof HttpConnector>;

export const GithubConnector = z.strictObject({
  github: z.strictObject({
    url: z.url({ protocol: /^https?$/ }).default("https://api.github.com"),
    allow_internal: z.boolean().default(false),
    timeout: Duration.prefault("60s"),
    check: z
      .strictObject({
        client_id: z.string().regex(/^[A-Za-z0-9._-]+$/),
        client_secret_file: Path,
        pace: PaceText.prefault("5000/h").describe("GitHub's limit for the app's own calls"),
        each: z
          .int()
          .min(1)
          .max(1_000)
          .default(20)
          .describe(
            "tokens of each request that are read back at once; `check-token` proves all, at `pace`",
          ),
      })
      .optional()
      .describe("the OAuth app that issued the tokens: its check call is the proof"),
  }),
  pace: PaceText.optional().describe("requests, of up to 1,000 tokens each; GitHub allows 60/h"),
});
export type GithubConnector = z.output<typeof GithubConnector>;

const VendorAction = z.strictObject({
  ...traits,
  text: z
    .string()
    .optional()
    .describe(
      "Liquid: what is written to the vendor. Has vendor, organisation, incident, of, count, reference, targets_digest",
    ),
});

export const VendorConnector = z.strictObject({
  of,
  vendor: z.strictObject({
    name: z.string(),
    address: z.email(),
    chase_after: Duration.prefault("24h").describe(
      "without an answer that settles it, asked again after this",
    ),
  }),
  actions: z
    .record(Key, VendorAction)
    .default({})
    .describe("`request` is there without being named"),
});
export type VendorConnector = z.output<typeof VendorConnector>;

const ManualAction = z.strictObject({ ...traits, steps: z.array(z.string().min(1)).min(1) });

export const ManualConnector = z.strictObject({
  of,
  manual: z.strictObject({ owner: z.string().describe("who does it, and ticks it") }),
  actions: z.record(Key, ManualAction),
});
export type ManualConnector = z.output<typeof ManualConnector>;

/** A way to act on the outside: the organisation's own database or service, GitHub, a vendor's desk, a person. */
export const Connector = z.union([
  SqlConnector,
  HttpConnector,
  GithubConnector,
  VendorConnector,
  ManualConnector,
]);
export type Connector = z.output<typeof Connector>;
