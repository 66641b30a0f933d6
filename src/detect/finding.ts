import type { Level } from "./sigma/rule.ts";

/** Where one event stands: which source, which record of it (from 1), when. */
export type EventPlace = {
  readonly source: string;
  readonly place: number;
  readonly time: string;
};

/**
 * What a rule found: OCSF Detection Finding (class 2004) without its wrapping. Times are ISO 8601 in UTC with microseconds.
 * Hits of one detection rule in one source are one finding an entity; a correlation's windows that touch are one.
 */
export type Finding = {
  /** The same for the same hit, however often it is found: rule, entities, first event. */
  readonly uid: string;
  readonly rule: {
    readonly id: string;
    readonly title: string;
    readonly level: Level;
    readonly tags: readonly string[];
    readonly file: string;
  };
  readonly first: string;
  readonly last: string;
  /** Events that are part of it. */
  readonly count: number;
  /** The group of a correlation (`group-by`), or who and where of a single event, by OCSF attribute or field name. */
  readonly entities: readonly { readonly name: string; readonly value: string }[];
  /** What was counted, summed or averaged, at its highest; for correlations. */
  readonly value: number | undefined;
  /** The first hundred of them, in order of time. */
  readonly events: readonly EventPlace[];
};
