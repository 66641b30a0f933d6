import { z } from "zod";
import { Connector } from "./connectors-schema.ts";
import { Detect } from "./detect-schema.ts";
import { Logs } from "./logs-schema.ts";
import { Mail } from "./mail-schema.ts";
import { Registry } from "./registry-schema.ts";
import { Category, Duration, Key, PaceText, Path } from "./words.ts";

const Holding = z.strictObject({
  of: Key,
  data: z.array(Category).min(1),
  vendor: z.string().optional(),
  carries: z.array(z.string()).optional(),
});

const Approvals = z.strictObject({
  signers: Path.default("allowed_signers").describe(
    "ssh-keygen's ALLOWED SIGNERS file: who may approve, with which keys",
  ),
  over: z
    .int()
    .min(0)
    .default(1000)
    .describe("more targets than this need `people` approvers, fewer need one"),
  people: z.int().min(1).max(10).default(2),
  ceiling: z
    .strictObject({
      share: z
        .number()
        .gt(0)
        .max(1)
        .default(0.1)
        .describe("of all accounts; more than this waits, with an alarm"),
      delay: Duration.prefault("15m"),
      alarm: z
        .array(z.email())
        .default([])
        .describe("told that a large plan waits, without content; any of them can cancel"),
    })
    .prefault({}),
});

/** What a notice sets off: of `share` of those told, at most so many a time may come. Notices are paced to keep it. */
const Cap = z.strictObject({ at_most: PaceText, share: z.number().gt(0).max(1) });
const Care = z.strictObject({ sign_ins: Cap.optional(), support: Cap.optional() });

/** tocsin.yaml: the organisation, once. */
export const Organisation = z.strictObject({
  organisation: z.strictObject({
    name: z.string().min(1),
    domain: z.string().min(1),
    site: z.url().optional(),
    languages: z
      .array(z.string())
      .min(1)
      .default(["en"])
      .describe("BCP 47; the first is written to who has none of them"),
    contact: z.email(),
  }),
  registry: Registry.default({}),
  holdings: z.record(Key, Holding).default({}),
  connectors: z.record(Key, Connector).default({}),
  logs: Logs.default({}),
  detect: Detect.optional(),
  mail: Mail.optional(),
  approvals: Approvals.prefault({}),
  care: Care.prefault({}),
});
export type Organisation = z.output<typeof Organisation>;
