// What a document says, before what it refers to is looked up.
import type { RuleMetadata } from "./metadata.ts";
import type { Notes } from "../rule-file/notes.ts";
import type { Condition, CorrelationRule, DetectionRule, LogSource } from "./rule.ts";
import type { Named } from "./condition.ts";

export type Reference = { readonly ref: string; readonly offset: number };

export type DetectionDraft = {
  readonly kind: "detection";
  readonly metadata: RuleMetadata;
  readonly notes: Notes;
  /** Where the document begins. */
  readonly offset: number;
  readonly logsource: LogSource;
  readonly taxonomy: DetectionRule["taxonomy"];
  readonly condition: Condition;
};

export type CorrelationDraft = {
  readonly kind: "correlation";
  readonly metadata: RuleMetadata;
  readonly notes: Notes;
  readonly offset: number;
  readonly rules: readonly Reference[];
  readonly groupBy: readonly Reference[];
  readonly aliases: readonly Alias[];
  readonly expression: { readonly named: Named; readonly offset: number } | undefined;
  readonly counted: Pick<
    CorrelationRule,
    "type" | "timespanMs" | "conditions" | "valueFields" | "percentile" | "generate"
  >;
};

export type Alias = {
  readonly name: string;
  readonly offset: number;
  readonly fields: readonly (Reference & { readonly field: string })[];
};

export type FilterDraft = {
  readonly kind: "filter";
  readonly notes: Notes;
  readonly logsource: LogSource;
  readonly taxonomy: DetectionRule["taxonomy"];
  /** `any`: every rule of the log source. */
  readonly rules: readonly Reference[] | "any";
  readonly condition: Condition;
};

/** Not usable, but known by its id and name to those that refer to it. */
export type BrokenDraft = {
  readonly kind: "broken";
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly offset: number;
  readonly notes: Notes;
};

export type Draft = DetectionDraft | CorrelationDraft | FilterDraft | BrokenDraft;
