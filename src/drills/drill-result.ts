import type { Check } from "./check.ts";

export type Phase = {
  readonly name: string;
  readonly seconds: number;
  /** What keeps it from being quicker. */
  readonly limit: string;
};

/** What `tocsin drill NAME --json` prints. */
export type DrillResult = {
  readonly drill: string;
  readonly ok: boolean;
  readonly scale: number;
  readonly seed: number;
  readonly checks: readonly Check[];
  /** Accounts in the first dump. */
  readonly affected: number;
  readonly customers: number;
  readonly cohorts: readonly {
    readonly name: string;
    readonly accounts: number;
    readonly people: number;
  }[];
  readonly notified: {
    readonly first: number;
    readonly second: number;
    readonly corrections: number;
  };
  readonly duplicates: number;
  readonly lost: number;
  readonly wrong: number;
  /** Message-IDs of some messages that are wrong, to look at with --keep. */
  readonly wrongMessages: readonly string[];
  readonly unknown: number;
  readonly untouchedChanged: number;
  readonly seconds: Readonly<Record<string, number>>;
  readonly phases: readonly Phase[];
  readonly peakRssBytes: number;
  readonly kills: number;
  /** What ran faster than in the world, and how much. */
  readonly spedUp: Readonly<Record<string, number>>;
  readonly folder?: string;
  readonly report?: string;
};
