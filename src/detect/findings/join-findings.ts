import type { Finding } from "../finding.ts";
import { MOST_EVENTS } from "../fold-matches.ts";

/** Of the same rule and entities, found in different events: one, with the name of the earlier. */
export function joinFindings(one: Finding, other: Finding): Finding {
  const [earlier, later] = one.first <= other.first ? [one, other] : [other, one];
  const { value = later.value } = earlier;
  return {
    ...earlier,
    last: one.last > other.last ? one.last : other.last,
    count: one.count + other.count,
    value: value === undefined ? undefined : Math.max(value, later.value ?? value),
    events: [...one.events, ...other.events]
      .toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.place - b.place))
      .slice(0, MOST_EVENTS),
  };
}
