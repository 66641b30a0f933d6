// Sigma 2.1 as it is understood: what src/detect/sigma reads and src/detect/compile runs. Modifiers that only rewrite
// values (contains, startswith, endswith, windash, base64, base64offset, wide, utf16*, expand) are gone here: a value is
// the pattern that they make. So are `1 of them` and filters: they are written out.

/** `file:line:column` of something in a rule's file, from 1. */
export type Place = { readonly file: string; readonly line: number; readonly column: number };

/** What is wrong in a rule and what to change. The rule is left out; the others go on. */
export type RuleProblem = Place & {
  readonly message: string;
  /** `warning`: the rule is used as it is. */
  readonly severity: "error" | "warning";
};

export const LEVELS = ["informational", "low", "medium", "high", "critical"] as const;
export type Level = (typeof LEVELS)[number];

type Common = {
  /** The rule's `id`, or, where it has none, a UUID made from its file and title: the same each time. */
  readonly id: string;
  readonly name: string | undefined;
  readonly title: string;
  readonly level: Level;
  readonly status: string | undefined;
  readonly description: string | undefined;
  readonly author: string | undefined;
  /** `attack.t1078` and the like, as written. */
  readonly tags: readonly string[];
  readonly references: readonly string[];
  readonly falsepositives: readonly string[];
  /** Fields worth showing with a finding. */
  readonly fields: readonly string[];
  readonly at: Place;
};

export type LogSource = {
  readonly product: string | undefined;
  readonly category: string | undefined;
  readonly service: string | undefined;
};

export type DetectionRule = Common & {
  readonly kind: "detection";
  readonly logsource: LogSource;
  /** `sigma`: fields are named as the source names them. `ocsf`: by OCSF attributes (src/logs/event-columns.ts). */
  readonly taxonomy: "sigma" | "ocsf";
  /** Filters that apply are already and-ed into it. */
  readonly condition: Condition;
};

export type Condition =
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly leaf: Leaf };

/**
 * One test of one field (any of its values, where it has several), or of the whole record where `field` is undefined (a
 * keyword: it may stand anywhere). A field that is not there fails every test but `null` and `exists: false`.
 */
export type Leaf = { readonly field: string | undefined; readonly test: Test };

export type Test =
  | { readonly kind: "text"; readonly pattern: TextPattern }
  /** RE2 syntax; found anywhere unless it is anchored. */
  | { readonly kind: "regex"; readonly source: string; readonly flags: RegexFlags }
  /** IPv4 or IPv6 range; a value that is no address fails. */
  | { readonly kind: "cidr"; readonly range: string }
  /** The value as a number (or part of the value as a UTC time, for `of`) compared; a value that is none fails. */
  | {
      readonly kind: "compare";
      readonly op: Comparison;
      readonly to: number;
      readonly of: TimePart | undefined;
    }
  /** Equal as numbers where the value reads as one, else as text: `EventID: 4624`. */
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "flag"; readonly value: boolean }
  /** Not there, or null. */
  | { readonly kind: "null" }
  | { readonly kind: "exists"; readonly wanted: boolean }
  /** Compared with another field of the same event. */
  | {
      readonly kind: "field";
      readonly other: string;
      readonly how: "equals" | "startswith" | "endswith" | "contains";
      readonly cased: boolean;
    };

/** Literal text with wildcards, over the whole value: `*\cmd.exe` is `[any, "\cmd.exe"]`. */
export type TextPattern = {
  readonly parts: readonly (string | typeof ANY | typeof ONE)[];
  /** False: letters of either case are the same (Unicode simple folding). */
  readonly cased: boolean;
};
export const ANY = Symbol("*");
export const ONE = Symbol("?");

export type RegexFlags = {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
};

export const COMPARISONS = ["lt", "lte", "gt", "gte", "eq", "neq"] as const;
export type Comparison = (typeof COMPARISONS)[number];

export const TIME_PARTS = ["minute", "hour", "day", "week", "month", "year"] as const;
export type TimePart = (typeof TIME_PARTS)[number];

export const CORRELATION_TYPES = [
  "event_count",
  "value_count",
  "temporal",
  "temporal_ordered",
  "value_sum",
  "value_avg",
  "value_percentile",
  "value_median",
] as const;
export type CorrelationType = (typeof CORRELATION_TYPES)[number];

export type CorrelationRule = Common & {
  readonly kind: "correlation";
  readonly type: CorrelationType;
  /** In the order given. Each is the id of a rule that was read: a detection or another correlation, never a cycle. */
  readonly rules: readonly string[];
  /** Field names or names of `aliases`. */
  readonly groupBy: readonly string[];
  /** alias → id of a rule of `rules` → the field of that rule's events. */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly timespanMs: number;
  /** All must hold. Of the count of events, values or rules, or of the sum, average or percentile. */
  readonly conditions: readonly { readonly op: Comparison; readonly to: number }[];
  /** The value that is counted (several: their combination), summed or averaged. Empty for the other types. */
  readonly valueFields: readonly string[];
  /** 0 to 100, for value_percentile; 50 for value_median. */
  readonly percentile: number | undefined;
  /** For temporal types with an extended condition: which rules, by id, must have matched. */
  readonly expression: RuleExpression | undefined;
  /** Are findings of the rules that it refers to wanted by themselves too? */
  readonly generate: boolean;
};

export type RuleExpression =
  | { readonly and: readonly RuleExpression[] }
  | { readonly or: readonly RuleExpression[] }
  | { readonly not: RuleExpression }
  | { readonly rule: string };

export type Rule = DetectionRule | CorrelationRule;

/** All that was read: what can be used, and what could not, with the reason. Rules are in the order of their files. */
export type RuleSet = {
  readonly rules: readonly Rule[];
  readonly problems: readonly RuleProblem[];
  /** Documents found: rules, correlations and filters. */
  readonly documents: number;
};
