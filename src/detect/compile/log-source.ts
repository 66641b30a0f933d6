// Which events a rule is for, by its log source.
import type { Format } from "../../logs/format.ts";
import { quote } from "../../db/click-bind.ts";
import type { LogSource } from "../sigma/rule.ts";

/** Sigma's log source of some events, as their format tells it. */
export type EventKind = {
  readonly product: string;
  readonly category: string;
  readonly service: string;
};

// Sigma's taxonomy: a rule for any change of the registry is for each kind of it.
const WIDER: Readonly<Record<string, readonly string[]>> = {
  registry_event: ["registry_add", "registry_set", "registry_delete", "registry_rename"],
};

/**
 * Each attribute that the rule gives must be the events' own. A format that knows no categories leaves it to product and service, of
 * which the rule must then give one.
 */
export function appliesTo(logsource: LogSource, kind: EventKind, format: Format): boolean {
  const { product, category, service } = logsource;
  if (product !== undefined && product !== kind.product) return false;
  if (service !== undefined && service !== kind.service) return false;
  if (category === undefined || categories(category).includes(kind.category)) return true;
  return format.category === "" && (product !== undefined || service !== undefined);
}

function categories(category: string): readonly string[] {
  return [category, ...(WIDER[category] ?? [])];
}

/** The same as SQL over the columns of `events`; undefined where no event of the format is meant. */
export function appliesSql(logsource: LogSource, format: Format): string | undefined {
  const { product, category, service } = logsource;
  if (!couldBe(product, format.product) || !couldBe(service, format.service)) return undefined;
  const parts = [`format = ${quote(format.name)}`];
  const left = format.category === "" && (product !== undefined || service !== undefined);
  if (category !== undefined && !left) {
    const wanted = categories(category);
    if (!wanted.some((one) => couldBe(one, format.category))) return undefined;
    parts.push(`category in (${wanted.map(quote).join(", ")})`);
  }
  if (product !== undefined) parts.push(`product = ${quote(product)}`);
  if (service !== undefined) parts.push(`service = ${quote(service)}`);
  return parts.join(" and ");
}

function couldBe(wanted: string | undefined, told: string): boolean {
  return wanted === undefined || told === wanted || told.startsWith("sql:");
}
