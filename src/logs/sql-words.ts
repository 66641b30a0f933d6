// The small words of SQL that formats of services share. Each takes SQL of a text and gives SQL.
import { quote } from "../db/click-bind.ts";
import { canonicalIp } from "./ip.sql.ts";
import { anyTime } from "./time.sql.ts";

const PORT = quote(String.raw`^(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[[^\]]+\]):([0-9]+)$`);

/** UInt16: the port after an address; 0 without one. */
export function portOf(text: string): string {
  return `toUInt16OrZero(extract(${text}, ${PORT}))`;
}

/** String: what stands in place of an address and is none: `cloudformation.amazonaws.com`. */
export function hostname(text: string): string {
  return `if(${canonicalIp(text)} = '', ${text}, '')`;
}

/** String: a text that is an e-mail address; empty for any other. */
export function email(text: string): string {
  return `if(position(${text}, '@') > 1, ${text}, '')`;
}

/** Nullable(Bool) of a text that says yes or no. */
export function flag(text: string): string {
  return `multiIf(lower(${text}) in ('yes', 'true', '1'), true, lower(${text}) in ('no', 'false', '0'), false, null)`;
}

/** Nullable(DateTime64(6, 'UTC')): as `anyTime`, of a service whose times are UTC where they name no zone. */
export function utcTime(text: string): string {
  return anyTime(text).replaceAll("{zone:String}", "'UTC'");
}

/** The first of texts that is not empty. */
export function firstThere(texts: readonly string[]): string {
  const [first = "''", ...others] = texts;
  if (others.length === 0) return first;
  return `coalesce(${texts.map((text) => `nullIf(${text}, '')`).join(", ")}, '')`;
}

/** String: the value beside the first of the names that is `name`, of two arrays; empty without one. */
export function pairValue(names: string, values: string, name: string): string {
  return `${values}[indexOf(${names}, ${quote(name)})]`;
}

/** UInt8 of `status_id`: the first condition that holds; unknown where neither does. */
export function statusId(input: { readonly failure: string; readonly success: string }): string {
  return `multiIf(${input.failure}, 2, ${input.success}, 1, 0)`;
}

/** String: the path of a request's target, without its query. */
export function pathOf(target: string): string {
  return `splitByChar('?', ${target})[1]`;
}

/** String: the query of a request's target, without its `?`. */
export function queryOf(target: string): string {
  return `extract(${target}, '[?](.*)$')`;
}
