import type { CorrelateInput } from "./correlate-input.ts";

/**
 * One row an event and rule that matched it: `g` its group (64 bits of a hash: two of a million groups are one with a chance of 1 in 10^7),
 * `t` microseconds, `r` the rule's place from 1, `v` its value to be counted, `n` its value as a number.
 */
export const ROW_COLUMNS = `(
  g UInt64, t Int64, r UInt8, v UInt64, has_value Bool, n Nullable(Decimal(76, 18)),
  source LowCardinality(String), place UInt64, batch UInt64, grp Array(String))`;

export const ROWS = "g, t, r, v, has_value, n, source, place, batch, grp";

export function rowsSql({ rule, relations }: CorrelateInput): string {
  const groups = rule.groupBy.length;
  const values = rule.valueFields.length;
  const grp = groups === 0 ? "cast([] as Array(String))" : "arrayMap(x -> assumeNotNull(x), own)";
  const counted =
    values === 0 ? "toUInt64(0)" : "sipHash64(arrayMap(x -> assumeNotNull(x), counted))";
  const number = values === 0 ? "null" : "counted[1]";
  const each = rule.rules.map((id, index) => {
    const relation = relations.get(id);
    if (relation === undefined) throw new RangeError(`no relation for the rule ${id}`);
    return `select ${index + 1} as r, time, source, place, batch,
        arraySlice(values, 1, ${groups}) as own, arraySlice(values, ${groups + 1}, ${values}) as counted
      from ${relation}`;
  });
  return `
    select sipHash64(grp) as g, toUnixTimestamp64Micro(time) as t, toUInt8(r) as r,
      ${counted} as v, ${values > 0 ? "not has(counted, null)" : "false"} as has_value,
      toDecimal256OrNull(trim(ifNull(${number}, '')), 18) as n, source, place, batch, ${grp} as grp
    from (${each.join("\n    union all\n    ")})
    where not has(own, null)`;
}
