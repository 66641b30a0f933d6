// What a plan's digest covers. Times, figures and warnings stand beside it, so that the same inputs give the same digest.
import { z } from "zod";
import { plainJson, canonicalJson } from "../../core/canonical.ts";
import { sha256Hex } from "../../core/digest.ts";

export const PARTS = ["contain", "notify", "all"] as const;
export type Part = (typeof PARTS)[number];

const Hex = z.string().regex(/^[0-9a-f]{64}$/);
const Pace = z.strictObject({ count: z.number(), perMs: z.number() });

export const PlanStep = z.strictObject({
  number: z.int(),
  kind: z.enum(["contain", "notice", "correction"]),
  /** `accounts.invalidate-password`, or the path of a notice's text. */
  name: z.string(),
  title: z.string(),
  /** The cohort or expression, as the file has it. */
  to: z.string(),
  /** The connector or the provider. */
  through: z.string(),
  of: z.string().optional(),
  secret: z.string().optional(),
  targets: z.int(),
  /** Merkle root over the targets, ordered by key: RFC 6962, a leaf being `step 0x00 key 0x00 payload`. */
  root: Hex,
  /** Digest of the connector's settings, or of the templates. */
  settings: Hex,
  idempotent: z.boolean(),
  reversible: z.boolean(),
  pace: Pace.optional(),
  /** Steps of this plan that must have ended first. */
  after: z.array(z.int()),
  /** Actions that earlier runs must have ended. */
  waits_for: z.array(z.string()),
});
export type PlanStep = z.output<typeof PlanStep>;

/** Under which outcomes are found again: what was asked of one vendor was not asked of another. */
export function deedOf(step: Pick<PlanStep, "name" | "of">): string {
  return step.of === undefined ? step.name : `${step.name} of ${step.of}`;
}

export const PlanForm = z.strictObject({
  version: z.literal(1),
  incident: z.string(),
  title: z.string(),
  part: z.enum(PARTS),
  wave: z.int(),
  /** How often this very plan was cancelled or aborted before. */
  again: z.int().min(1).optional(),
  evidence: z.array(z.strictObject({ key: z.string(), sha256: Hex })),
  steps: z.array(PlanStep),
  /** Merkle root over the steps' roots. */
  root: Hex,
  approvals: z.strictObject({
    people: z.int(),
    /** Staff named in the incident, who cannot approve. */
    involved: z.array(z.string()),
    /** True where the share of all accounts is above the ceiling: a delay with an alarm follows the last approval. */
    over_ceiling: z.boolean(),
  }),
});
export type PlanForm = z.output<typeof PlanForm>;

export function digestOfPlan(form: PlanForm): string {
  return sha256Hex(canonicalJson(plainJson(form)));
}

/** What an approver signs, byte for byte, in the namespace `tocsin`. One line, readable on a terminal. */
export function approvalMessage(of: { incident: string; digest: string }): string {
  return `I approve the plan ${of.digest} of the incident ${of.incident}.\n`;
}
export const SIGNING_NAMESPACE = "tocsin";
