// What can be done to contain a breach: the actions of the organisation's connectors, and what each declares of itself.
// Nothing here acts; `containHandler` does, when a run asks it to.
import type { Pace } from "../config/words.ts";

export const CONNECTOR_KINDS = ["sql", "http", "github", "vendor", "manual"] as const;
export type ConnectorKind = (typeof CONNECTOR_KINDS)[number];

/** Who does it. Tocsin only watches the last three. */
export const DOERS = ["tocsin", "customer", "vendor", "person"] as const;
export type Doer = (typeof DOERS)[number];

export type ActionTraits = {
  readonly idempotent: boolean;
  readonly reversible: boolean;
  /** Targets in one statement or request, at most. */
  readonly batch: number;
  readonly pace?: Pace & { readonly per: "target" | "batch" };
  /** What proves it, in a person's words; undefined where nothing does. */
  readonly readBack?: string;
  readonly by: Doer;
};

export type Action = {
  /** `accounts.invalidate-password`, as incident.yaml says it. */
  readonly name: string;
  /** `invalidate password`. */
  readonly title: string;
  readonly connector: string;
  /** `invalidate-password`. */
  readonly key: string;
  readonly kind: ConnectorKind;
  readonly traits: ActionTraits;
  /** Somebody else does it: its tasks wait for as long as that takes and hold nothing up. */
  readonly watching: boolean;
  /** Over the effective settings, without secrets: an approved plan is refused once this changes. */
  readonly settingsDigest: string;
  /** Data categories that are harmless once it is done. */
  readonly ends: readonly string[];
  /** Who writes to the owners on his own account as he does it, as GitHub does. */
  readonly writesToOwners?: string;
};
