import { randomBytes } from "node:crypto";
import type { CorrelationRule, CorrelationType } from "../sigma/rule.ts";
import type { CorrelateInput } from "./correlate-input.ts";

/**
 * One row an event and rule that matched it: `g` its group, `t` microseconds, `r` the rule's place from 1, `v` its value to be counted, `n` its
 * value as a number. Groups and values are told apart by 64 bits of a hash whose key is new each time: two of a million groups are one with a
 * chance of 3 in 10^8, and nobody can choose names that are.
 */
export const ROW_COLUMNS = `(
  g UInt64, t Int64, r UInt8, v UInt64, has_value Bool, n Nullable(Decimal(76, 18)),
  source LowCardinality(String), place UInt64, batch UInt64, grp Array(String))`;

export const ROWS = "g, t, r, v, has_value, n, source, place, batch, grp";

export function rowsSql({ rule, relations }: CorrelateInput): string {
  const groups = rule.groupBy.length;
  const values = rule.valueFields.length;
  const grp = groups === 0 ? "cast([] as Array(String))" : "arrayMap(x -> assumeNotNull(x), own)";
  const key = `(${randomKey()}, ${randomKey()})`;
  const counted =
    values === 0
      ? "toUInt64(0)"
      : `sipHash64Keyed(${key}, arrayMap(x -> assumeNotNull(x), counted))`;
  const each = rule.rules.map((id, index) => {
    const relation = relations.get(id);
    if (relation === undefined) throw new RangeError(`no relation for the rule ${id}`);
    return `select ${index + 1} as r, time, source, place, batch,
        arraySlice(values, 1, ${groups}) as own, arraySlice(values, ${groups + 1}, ${values}) as counted
      from ${relation}`;
  });
  return `
    select sipHash64Keyed(${key}, grp) as g, toUnixTimestamp64Micro(time) as t, toUInt8(r) as r,
      ${counted} as v, ${values > 0 ? "not has(counted, null)" : "false"} as has_value, ${numberSql(rule)} as n, source, place, batch, ${grp} as grp
    from (${each.join("\n    union all\n    ")})
    where not has(own, null)`;
}

function randomKey(): string {
  return `toUInt64(${randomBytes(8).readBigUInt64LE()})`;
}

/** What has numbers for values. */
const IS_NUMERIC = {
  event_count: false,
  value_count: false,
  temporal: false,
  temporal_ordered: false,
  value_sum: true,
  value_avg: true,
  value_percentile: true,
  value_median: true,
} as const satisfies Record<CorrelationType, boolean>;

/**
 * A number as people and JSON write it, with 18 decimal places (the rest is cut off). From 10^38 on it is none: sums of Decimal(76, 18) do not
 * tell when they overflow, and one absurd value must not hide the others.
 */
function numberSql({ type }: CorrelationRule): string {
  if (!IS_NUMERIC[type]) return "null";
  const text = "trim(ifNull(counted[1], ''))";
  const number = `toDecimal256OrNull(${text}, 18)`;
  return `if(match(${text}, '^[-+]?[0-9]+(\\\\.[0-9]+)?([eE][-+]?[0-9]+)?$') and abs(toFloat64OrZero(${text})) < 1e38, ${number}, null)`;
}
