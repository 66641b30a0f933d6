// Correlations, what happens, and what they find: both outcomes of each type, and the edges of windows.
import type { CorrelationRule, RuleExpression } from "../../src/detect/sigma/rule.ts";

const A: RuleExpression = { rule: "a" };
const B: RuleExpression = { rule: "b" };
const C: RuleExpression = { rule: "c" };

/** What happens, and the spans of the hits: `0–10`, in seconds. */
export type SlidingCase = readonly [Partial<CorrelationRule>, string, readonly string[]];

export const SLIDING_CASES: Readonly<Record<string, readonly SlidingCase[]>> = {
  "a window holds both of its ends": [
    [{}, "0 a x, 5 a x, 10 a x", ["0–10 3"]],
    [{}, "0 a x, 5 a x, 10.000001 a x", []],
    [{}, "0.000001 a x, 5 a x, 10.000001 a x", ["0.000001–10.000001 3"]],
  ],
  "a window is not bound to the clock": [
    [{}, "7 a x, 12 a x, 17 a x", ["7–17 3"]],
    [{}, "59 a x, 60 a x, 61 a x", ["59–61 3"]],
  ],
  "events at one moment are in each other's window": [
    [{}, "4 a x, 4 a x, 4 a x", ["4–4 3"]],
    [{ conditions: [{ op: "lt", to: 3 }] }, "4 a x, 4 a x, 4 a x", []],
  ],
  "what lacks a value of the group is in none": [
    [{}, "0 a x, 1 a -, 2 a x", []],
    [{}, "0 a -, 1 a -, 2 a -", []],
    [{ groupBy: ["user", "host"] }, "0 a x h, 1 a x -, 2 a x h, 3 a - h", []],
    [{ groupBy: ["user", "host"] }, "0 a x h, 1 a x i, 2 a x h, 3 a x h", ["0–3 3"]],
    [{ groupBy: [] }, "0 a, 1 a, 2 a", ["0–2 3"]],
  ],
  "an empty text is a value, and no group is another one": [
    [{ groupBy: ["user", "host"] }, "0 a ab c, 1 a a bc, 2 a ab c, 3 a a bc", []],
  ],
  "windows that touch are one hit, others are two": [
    [{ conditions: [{ op: "gte", to: 2 }] }, "0 a x, 1 a x, 11 a x", ["0–11 2"]],
    [
      { conditions: [{ op: "gte", to: 2 }] },
      "0 a x, 1 a x, 11.000001 a x, 12 a x",
      ["0–1 2", "11.000001–12 2"],
    ],
  ],
  "event_count, by every comparison": [
    [{ conditions: [{ op: "gt", to: 2 }] }, "0 a x, 1 a x, 2 a x", ["0–2 3"]],
    [{ conditions: [{ op: "gt", to: 3 }] }, "0 a x, 1 a x, 2 a x", []],
    [{ conditions: [{ op: "eq", to: 2 }] }, "0 a x, 1 a x, 2 a x", ["0–1 2"]],
    [{ conditions: [{ op: "neq", to: 1 }] }, "0 a x, 11 a x", []],
    [{ conditions: [{ op: "neq", to: 1 }] }, "0 a x, 1 a x", ["0–1 2"]],
    [{ conditions: [{ op: "lt", to: 2 }] }, "0 a x", ["0–0 1"]],
    [{ conditions: [{ op: "lt", to: 1 }] }, "0 a x", []],
    [{ conditions: [{ op: "lte", to: 1 }] }, "0 a x, 0 a x", []],
    [
      {
        conditions: [
          { op: "gte", to: 2 },
          { op: "lt", to: 3 },
        ],
      },
      "0 a x, 1 a x, 2 a x",
      ["0–1 2"],
    ],
  ],
  "value_count: what is null or missing does not count, combinations do": [
    [{ type: "value_count", valueFields: ["v"] }, "0 a x v=p, 1 a x v=q, 10 a x v=r", ["0–10 3"]],
    [{ type: "value_count", valueFields: ["v"] }, "0 a x v=p, 1 a x v=q, 2 a x v=-, 3 a x v=q", []],
    [
      { type: "value_count", valueFields: ["v"] },
      "0 a x v=p, 8 a x v=p, 15 a x v=q, 16 a x v=r",
      ["8–16 3"],
    ],
    [{ type: "value_count", valueFields: ["v"] }, "0 a x v=p, 15 a x v=q, 16 a x v=r", []],
    [
      { type: "value_count", valueFields: ["v", "w"] },
      "0 a x v=p v=p, 1 a x v=p v=q, 2 a x v=q v=p",
      ["0–2 3"],
    ],
    [
      { type: "value_count", valueFields: ["v", "w"] },
      "0 a x v=p v=p, 1 a x v=p v=q, 2 a x v=- v=p",
      [],
    ],
    [
      { type: "value_count", valueFields: ["v"], conditions: [{ op: "lt", to: 1 }] },
      "0 a x v=-",
      ["0–0 0"],
    ],
  ],
  "temporal: all of the rules, some of them, or as an expression says": [
    [{ type: "temporal", rules: ["a", "b", "c"] }, "0 c x, 5 a x, 10 b x", ["0–10 3"]],
    [{ type: "temporal", rules: ["a", "b", "c"] }, "0 c x, 5 a x, 10.000001 b x", []],
    [
      { type: "temporal", rules: ["a", "b"], conditions: [{ op: "gte", to: 2 }] },
      "0 a x, 1 b y",
      [],
    ],
    [
      {
        type: "temporal",
        rules: ["a", "b", "c"],
        conditions: [],
        expression: { and: [A, { or: [B, C] }] },
      },
      "0 c x, 3 a x",
      ["0–3 2"],
    ],
    [
      {
        type: "temporal",
        rules: ["a", "b", "c"],
        conditions: [],
        expression: { and: [A, { not: B }] },
      },
      "0 b x, 10 a x",
      [],
    ],
    [
      {
        type: "temporal",
        rules: ["a", "b", "c"],
        conditions: [],
        expression: { and: [A, { not: B }] },
      },
      "0 b x, 10.000001 a x",
      ["10.000001–10.000001 1"],
    ],
  ],
  "temporal_ordered: one after the other, or at once": [
    [
      { type: "temporal_ordered", rules: ["a", "b"], conditions: [{ op: "gte", to: 2 }] },
      "0 a x, 10 b x",
      ["0–10 2"],
    ],
    [
      { type: "temporal_ordered", rules: ["a", "b"], conditions: [{ op: "gte", to: 2 }] },
      "0 b x, 1 a x",
      [],
    ],
    [
      { type: "temporal_ordered", rules: ["a", "b"], conditions: [{ op: "gte", to: 2 }] },
      "0 b x, 0 a x",
      ["0–0 2"],
    ],
    [
      { type: "temporal_ordered", rules: ["a", "b"], conditions: [{ op: "gte", to: 2 }] },
      "0 a x, 10.000001 b x",
      [],
    ],
    [{ type: "temporal_ordered", rules: ["a", "b", "c"] }, "0 a x, 9 b x, 10.000001 c x", []],
    [
      { type: "temporal_ordered", rules: ["a", "b", "c"] },
      "0 a x, 1 a x, 9 b x, 10.000001 c x",
      ["1–10.000001 3"],
    ],
    [
      {
        type: "temporal_ordered",
        rules: ["a", "b", "c"],
        conditions: [],
        expression: { and: [A, { or: [B, C] }] },
      },
      "0 b x, 1 a x, 2 c x",
      ["0–2 2"],
    ],
    [
      {
        type: "temporal_ordered",
        rules: ["a", "b", "c"],
        conditions: [],
        expression: { and: [A, { or: [B, C] }] },
      },
      "0 b x, 0.5 c x, 1 a x",
      [],
    ],
    [
      {
        type: "temporal_ordered",
        rules: ["a", "b", "c"],
        conditions: [],
        expression: { and: [A, B, { not: C }] },
      },
      "0 c x, 1 a x, 2 b x",
      [],
    ],
    [
      {
        type: "temporal_ordered",
        rules: ["a", "b", "c"],
        conditions: [],
        expression: { and: [A, B, { not: C }] },
      },
      "0 c x, 1 a x, 11 b x",
      ["1–11 2"],
    ],
  ],
  "value_sum and value_avg: exact, of numbers alone": [
    [
      { type: "value_sum", valueFields: ["v"], conditions: [{ op: "gt", to: 100 }] },
      "0 a x v=60, 1 a x v=40.5, 2 a x v=none, 3 a x v=-",
      ["0–3 100.5"],
    ],
    [
      { type: "value_sum", valueFields: ["v"], conditions: [{ op: "gt", to: 100 }] },
      "0 a x v=60, 10.000001 a x v=60",
      [],
    ],
    [
      { type: "value_sum", valueFields: ["v"], conditions: [{ op: "eq", to: 0.3 }] },
      "0 a x v=0.1, 1 a x v=0.2",
      ["0–1 0.3"],
    ],
    [
      { type: "value_sum", valueFields: ["v"], conditions: [{ op: "gt", to: 0 }] },
      "0 a x v=0.1, 1 a x v=0.2, 11.5 a x v=0",
      ["0–1 0.3"],
    ],
    [
      { type: "value_sum", valueFields: ["v"], conditions: [{ op: "lt", to: -1 }] },
      "0 a x v=5, 1 a x v=-3, 12 a x v=-3",
      ["12–12 -3"],
    ],
    [
      { type: "value_sum", valueFields: ["v"], conditions: [{ op: "lt", to: 9 }] },
      "0 a x v=none, 1 a x v=-",
      [],
    ],
    [
      { type: "value_sum", valueFields: ["v"], conditions: [{ op: "gte", to: 1e21 }] },
      "0 a x v=999999999999999999999, 1 a x v=1",
      ["0–1 1e+21"],
    ],
    [
      { type: "value_sum", valueFields: ["v"], conditions: [{ op: "gte", to: 5 }] },
      "0 a x v=5e57, 1 a x v=9e99, 2 a x v=5",
      ["0–2 5"],
    ],
    [
      { type: "value_avg", valueFields: ["v"], conditions: [{ op: "gte", to: 500 }] },
      "0 a x v=400, 1 a x v=600, 2 a x v=-",
      ["0–2 500"],
    ],
    [
      { type: "value_avg", valueFields: ["v"], conditions: [{ op: "gte", to: 500 }] },
      "0 a x v=400, 1 a x v=599",
      [],
    ],
    [
      { type: "value_avg", valueFields: ["v"], conditions: [{ op: "lt", to: 0.1 }] },
      "0 a x v=0.1, 1 a x v=0.1, 2 a x v=0.1",
      [],
    ],
  ],
  "value_percentile and value_median: between the two nearest": [
    [
      {
        type: "value_median",
        percentile: 50,
        valueFields: ["v"],
        conditions: [{ op: "eq", to: 15 }],
      },
      "0 a x v=1, 1 a x v=100, 2 a x v=20, 10 a x v=10",
      ["0–10 15"],
    ],
    [
      {
        type: "value_median",
        percentile: 50,
        valueFields: ["v"],
        conditions: [{ op: "gt", to: 15 }],
      },
      "0 a x v=10, 10 a x v=20",
      [],
    ],
    [
      {
        type: "value_median",
        percentile: 50,
        valueFields: ["v"],
        conditions: [{ op: "gte", to: 15 }],
      },
      "0 a x v=10, 10 a x v=20",
      ["0–10 15"],
    ],
    [
      {
        type: "value_percentile",
        percentile: 75,
        valueFields: ["v"],
        conditions: [{ op: "gte", to: 40 }],
      },
      "0 a x v=0, 2 a x v=10, 4 a x v=20, 6 a x v=40, 8 a x v=40",
      ["0–8 40"],
    ],
    [
      {
        type: "value_percentile",
        percentile: 7,
        valueFields: ["v"],
        conditions: [{ op: "gt", to: 1 }],
      },
      Array.from({ length: 101 }, (_, n) => `${n / 20} a x v=${n < 8 ? 1 : 2}`).join(", "),
      [],
    ],
    [
      {
        type: "value_percentile",
        percentile: 100,
        valueFields: ["v"],
        conditions: [{ op: "lte", to: -5 }],
      },
      "0 a x v=-5, 1 a x v=-9, 2 a x v=none",
      ["0–2 -5"],
    ],
    [
      {
        type: "value_median",
        percentile: 50,
        valueFields: ["v"],
        conditions: [{ op: "lt", to: 9 }],
      },
      "0 a x v=none",
      [],
    ],
  ],
};
