// Correlations and what their rules matched, as data: for tests of src/detect/correlate alone, over real ClickHouse.
import { quote } from "../../src/db/click-bind.ts";
import type { CorrelationRule } from "../../src/detect/sigma/rule.ts";
import type { Matched } from "./sliding.ts";

/** A correlation of the rules a, b and c by one field, within ten seconds. */
export function correlationRule(given: Partial<CorrelationRule>): CorrelationRule {
  return {
    id: "judged",
    name: undefined,
    title: "judged",
    level: "medium",
    status: undefined,
    description: undefined,
    author: undefined,
    tags: [],
    references: [],
    falsepositives: [],
    fields: [],
    at: { file: "judged.yml", line: 1, column: 1 },
    kind: "correlation",
    type: "event_count",
    rules: ["a"],
    groupBy: ["user"],
    aliases: new Map(),
    timespanMs: 10_000,
    conditions: [{ op: "gte", to: 3 }],
    valueFields: [],
    percentile: undefined,
    expression: undefined,
    generate: false,
    ...given,
  };
}

/** The first moment of what happens: 2026-03-01 12:00 UTC, in microseconds. */
export const ORIGIN = Date.UTC(2026, 2, 1, 12) * 1000;

/** `0 a x, 1.5 b x v=3 v=q, 2 a - batch=4`: seconds, the rule, the group's values (`-`: none), values, the batch (1). */
export function happened(text: string): Matched[] {
  const each = text.split(", ").filter((one) => one !== "");
  return each.map((one, index) => {
    const [seconds, rule = "", ...rest] = one.split(" ");
    return {
      rule,
      at: ORIGIN + Math.round(Number(seconds) * 1e6),
      place: index + 1,
      batch: Number(rest.find((word) => word.startsWith("batch="))?.slice(6) ?? 1),
      group: rest.filter((word) => !word.includes("=")).map(valueOf),
      values: rest.filter((word) => word.startsWith("v=")).map((word) => valueOf(word.slice(2))),
    };
  });
}

function valueOf(word: string): string | null {
  return word === "-" ? null : word;
}

/** Each rule's relation, written out. */
export function relationsFor(
  rule: CorrelationRule,
  events: readonly Matched[],
): ReadonlyMap<string, string> {
  return new Map(
    rule.rules.map((id) => [id, relationOf(events.filter((event) => event.rule === id))]),
  );
}

function relationOf(events: readonly Matched[]): string {
  const rows = events.map(({ at, place, batch, group, values }) => {
    const said = [...group, ...values].map((value) => (value === null ? "null" : quote(value)));
    return `(${at}, ${place}, ${batch}, cast([${said.join(", ")}] as Array(Nullable(String))))`;
  });
  const type = "Array(Tuple(at Int64, place UInt64, batch UInt64, values Array(Nullable(String))))";
  return `(
    select fromUnixTimestamp64Micro(e.at, 'UTC') as time, 'log' as source, e.place as place, e.batch as batch, e.values as values
    from (select arrayJoin(cast([${rows.join(", ")}] as ${type})) as e))`;
}
