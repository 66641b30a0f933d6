// The eight types of correlation, by the specification's section on each.
import type { CorrelationCase } from "./correlation-case.ts";

export const CORRELATION_CASES: readonly CorrelationCase[] = [
  {
    about: "event_count: as many events within the timespan, whose ends belong to it",
    correlation: `type: event_count\nrules: [a]\ngroup-by: [user]\ntimespan: 10s\ncondition:\n  gte: 3`,
    matches: [
      "0 a user=x, 5 a user=x, 10 a user=x",
      "7 a user=x, 12 a user=x, 17 a user=x, 40 a user=x",
      "0 a user=x, 0 a user=x, 0 a user=x",
    ],
    misses: [
      "0 a user=x, 5 a user=x, 10.000001 a user=x",
      "0 a user=x, 1 a user=y, 2 a user=x",
      "0 a user=x, 1 b user=x, 2 a user=x",
    ],
  },
  {
    about: "event_count: gt, and several rules together",
    correlation: `type: event_count\nrules: [a, b]\ngroup-by: [user]\ntimespan: 1m\ncondition:\n  gt: 2`,
    matches: ["0 a user=x, 30 b user=x, 60 a user=x"],
    misses: ["0 a user=x, 30 b user=x, 30 c user=x"],
  },
  {
    about: "event_count: a range, in hours",
    correlation: `type: event_count\nrules: [a]\ngroup-by: [user]\ntimespan: 1h\ncondition:\n  gt: 1\n  lte: 2`,
    matches: ["0 a user=x, 3600 a user=x"],
    misses: ["0 a user=x", "0 a user=x, 0 a user=x, 0 a user=x"],
  },
  {
    about: "event_count: eq, in days",
    correlation: `type: event_count\nrules: [a]\ngroup-by: [user]\ntimespan: 1d\ncondition:\n  eq: 2`,
    matches: ["0 a user=x, 86400 a user=x"],
    misses: ["0 a user=x, 86401 a user=x"],
  },
  {
    about: "event_count: neq",
    correlation: `type: event_count\nrules: [a]\ngroup-by: [user]\ntimespan: 10s\ncondition:\n  neq: 1`,
    matches: ["0 a user=x, 1 a user=x"],
    misses: ["0 a user=x, 11 a user=x"],
  },
  {
    about: "event_count: lt, of windows that end at an event",
    correlation: `type: event_count\nrules: [a]\ngroup-by: [user]\ntimespan: 10s\ncondition:\n  lt: 2`,
    matches: ["0 a user=x"],
    misses: ["", "0 a user=x, 0 a user=x"],
  },
  {
    about: "two fields of group-by are one group together; what lacks one is in none",
    correlation: `type: event_count\nrules: [a]\ngroup-by: [user, host]\ntimespan: 10s\ncondition:\n  gte: 2`,
    matches: ["0 a user=x host=h, 1 a user=x host=h"],
    misses: [
      "0 a user=x host=h, 1 a user=x host=i, 2 a user=y host=h",
      "0 a user=x, 1 a user=x",
      "0 a user=null host=h, 1 a user=null host=h",
    ],
  },
  {
    about: "value_count: distinct values of a field; null is none",
    correlation: `type: value_count\nrules: [a]\ngroup-by: [user]\ntimespan: 10s\ncondition:\n  field: value\n  gte: 3`,
    matches: ["0 a user=x value=p, 1 a user=x value=q, 2 a user=x value=p, 10 a user=x value=r"],
    misses: [
      "0 a user=x value=p, 1 a user=x value=q, 2 a user=x value=p, 3 a user=x value=null, 4 a user=x",
      "0 a user=x value=p, 5 a user=x value=q, 10.000001 a user=x value=r",
      "0 a user=x value=p, 1 a user=y value=q, 2 a user=x value=r",
    ],
  },
  {
    about: "value_count: an early value counts as long as a later event repeats it",
    correlation: `type: value_count\nrules: [a]\ngroup-by: [user]\ntimespan: 10s\ncondition:\n  field: value\n  gt: 1`,
    matches: ["0 a user=x value=p, 8 a user=x value=p, 15 a user=x value=q"],
    misses: ["0 a user=x value=p, 4 a user=x value=p, 15 a user=x value=q"],
  },
  {
    about: "value_count: of two fields, their combinations",
    correlation: `type: value_count\nrules: [a]\ngroup-by: [user]\ntimespan: 10s\ncondition:\n  field: [p, q]\n  gte: 3`,
    matches: ["0 a user=x p=1 q=1, 1 a user=x p=1 q=2, 2 a user=x p=2 q=1"],
    misses: ["0 a user=x p=1 q=1, 1 a user=x p=1 q=2, 2 a user=x p=1 q=1"],
  },
  {
    about: "value_count: lte",
    correlation: `type: value_count\nrules: [a]\ngroup-by: [user]\ntimespan: 10s\ncondition:\n  field: value\n  lte: 1`,
    matches: ["0 a user=x value=p"],
    misses: ["0 a user=x value=p, 0 a user=x value=q"],
  },
  {
    about: "temporal: all rules within the timespan, in any order",
    correlation: `type: temporal\nrules: [a, b, c]\ngroup-by: [user]\ntimespan: 5m`,
    matches: ["0 c user=x, 100 a user=x, 300 b user=x", "0 a user=x, 0 b user=x, 0 c user=x"],
    misses: [
      "0 c user=x, 100 a user=x, 300.000001 b user=x",
      "0 a user=x, 1 b user=x, 2 a user=x",
      "0 a user=x, 1 b user=x, 2 c user=y",
    ],
  },
  {
    about: "temporal: a condition counts different rules",
    correlation: `type: temporal\nrules: [a, b, c]\ngroup-by: [user]\ntimespan: 10s\ncondition:\n  gte: 2`,
    matches: ["0 a user=x, 10 c user=x"],
    misses: ["0 a user=x, 1 a user=x, 2 a user=x"],
  },
  {
    about: "temporal: an extended condition over the rules",
    correlation: `type: temporal\nrules: [a, b, c]\ngroup-by: [user]\ntimespan: 10s\ncondition: a and (b or c)`,
    matches: ["0 a user=x, 5 b user=x", "0 c user=x, 10 a user=x"],
    misses: ["0 b user=x, 5 c user=x", "0 a user=x, 10.000001 b user=x"],
  },
  {
    about: "temporal: an extended condition with not",
    correlation: `type: temporal\nrules: [a, b]\ngroup-by: [user]\ntimespan: 10s\ncondition: b and not a`,
    matches: ["0 b user=x", "0 a user=x, 11 b user=x"],
    misses: ["0 a user=x, 10 b user=x", "0 a user=x"],
  },
  {
    about: "temporal_ordered: all rules in the order given",
    correlation: `type: temporal_ordered\nrules: [a, b, c]\ngroup-by: [user]\ntimespan: 10s`,
    matches: [
      "0 a user=x, 5 b user=x, 10 c user=x",
      "0 b user=x, 1 a user=x, 2 c user=x, 3 b user=x, 4 c user=x",
      "0 c user=x, 0 b user=x, 0 a user=x",
    ],
    misses: [
      "0 b user=x, 5 a user=x, 10 c user=x",
      "0 a user=x, 5 b user=x, 10.000001 c user=x",
      "0 a user=x, 5 b user=y, 6 c user=x",
    ],
  },
  {
    about: "aliases: each rule's own field for one name of group-by",
    correlation: `type: temporal\nrules: [a, b]\ngroup-by: [who]\ntimespan: 10s\naliases:\n  who:\n    a: source.name\n    b: target`,
    matches: ["0 a source.name=x, 1 b target=x"],
    misses: ["0 a source.name=x, 1 b target=y", "0 a target=x, 1 b target=x"],
  },
  {
    about: "a chain: many of one, and then another",
    correlation: `type: temporal_ordered\nrules: [many, b]\ngroup-by: [user]\ntimespan: 10s`,
    also: `title: many\nid: 00000000-0000-4000-8000-0000000000aa\nname: many\ncorrelation:\n  type: event_count\n  rules: [a]\n  group-by: [user]\n  timespan: 5s\n  condition:\n    gte: 3\n`,
    matches: [
      "0 a user=x, 1 a user=x, 2 a user=x, 12 b user=x",
      "0 a user=x, 1 a user=x, 2 a user=x, 5 b user=x, 6 a user=x, 7 a user=x, 8 a user=x",
    ],
    misses: [
      "0 a user=x, 1 a user=x, 2 a user=x, 12.000001 b user=x",
      "0 b user=x, 1 a user=x, 2 a user=x, 3 a user=x",
      "0 a user=x, 1 a user=x, 2 a user=x, 5 b user=y",
      "0 a user=x, 3 a user=x, 6 a user=x, 7 b user=x",
    ],
  },
  {
    about: "a chain: a correlation groups by less than the one that it refers to",
    correlation: `type: temporal\nrules: [many, b]\ngroup-by: [user]\ntimespan: 10s`,
    also: `title: many\nid: 00000000-0000-4000-8000-0000000000aa\nname: many\ncorrelation:\n  type: event_count\n  rules: [a]\n  group-by: [host, user]\n  timespan: 5s\n  condition:\n    gte: 2\n`,
    matches: ["0 a user=x host=h, 1 a user=x host=h, 2 b user=x host=i"],
    misses: ["0 a user=x host=h, 1 a user=x host=i, 2 b user=x host=h"],
  },
  {
    about: "value_sum: of the numbers; what is none does not count",
    correlation: `type: value_sum\nrules: [a]\ngroup-by: [user]\ntimespan: 1h\ncondition:\n  field: value\n  gt: 100`,
    matches: [
      "0 a user=x value=60, 1 a user=x value=40.5, 2 a user=x value=none",
      "0 a user=x value=101",
    ],
    misses: [
      "0 a user=x value=60, 1 a user=x value=40, 2 a user=x value=none, 3 a user=x value=null",
      "0 a user=x value=60, 3601 a user=x value=60",
      "0 a user=x value=60, 1 a user=y value=60",
    ],
  },
  {
    about: "value_sum: lt; negative numbers; without a number there is no sum",
    correlation: `type: value_sum\nrules: [a]\ngroup-by: [user]\ntimespan: 1h\ncondition:\n  field: value\n  lt: 0`,
    matches: ["0 a user=x value=-1"],
    misses: ["0 a user=x value=1", "0 a user=x", "0 a user=x value=none"],
  },
  {
    about: "value_avg",
    correlation: `type: value_avg\nrules: [a]\ngroup-by: [user]\ntimespan: 10s\ncondition:\n  field: value\n  gte: 500`,
    matches: ["0 a user=x value=400, 1 a user=x value=600"],
    misses: ["0 a user=x value=400, 1 a user=x value=599, 2 a user=x", "0 a user=x"],
  },
  {
    about: "value_percentile: between the nearest two values",
    correlation: `type: value_percentile\nrules: [a]\ngroup-by: [user]\ntimespan: 10s\ncondition:\n  field: value\n  percentile: 75\n  gte: 40`,
    matches: [
      "0 a user=x value=0, 2 a user=x value=10, 4 a user=x value=20, 6 a user=x value=40, 8 a user=x value=40",
    ],
    misses: [
      "0 a user=x value=29.5, 2.5 a user=x value=19.5, 5 a user=x value=9.5, 7.5 a user=x value=-0.5, 10 a user=x value=39.5",
    ],
  },
  {
    about: "value_median: of an even number of values, half way between the two in the middle",
    correlation: `type: value_median\nrules: [a]\ngroup-by: [user]\ntimespan: 10s\ncondition:\n  field: value\n  eq: 15`,
    matches: ["0 a user=x value=100, 1 a user=x value=10, 2 a user=x value=20, 3 a user=x value=1"],
    misses: ["0 a user=x value=100, 1 a user=x value=10, 2 a user=x value=20"],
  },
];
