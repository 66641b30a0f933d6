import { quote } from "../db/click-bind.ts";

const V4 = String.raw`[0-9]{1,3}(?:\.[0-9]{1,3}){3}`;
const DRESSED = quote(
  String.raw`^\s*(?:\[([0-9A-Fa-f:.]+)(?:%[^\]]*)?\](?::[0-9]+)?|(${V4}):[0-9]+|([0-9A-Fa-f:.]+)(?:%\S+)?)\s*$`,
);

const ZEROS = quote(String.raw`(?:^|\.)0[0-9]`);

/**
 * SQL, String: the canonical text (RFC 5952) of an address as logs write it: with a port, in brackets, with a zone, an IPv4 in an IPv6.
 * Numbers are decimal, leading zeros or not. Empty for anything else. An IPv4 as it should be, which is nearly all of them, costs one look.
 */
export function canonicalIp(text: string): string {
  const undressed = `replaceRegexpOne(${text}, ${DRESSED}, ${quote(String.raw`\1\2\3`)})`;
  // The engine reads leading zeros everywhere but at the start.
  const bare = `replaceRegexpOne(${undressed}, '^0+([0-9])', ${quote(String.raw`\1`)})`;
  const six = `ifNull(toString(toIPv6OrNull(${bare})), '')`;
  return `multiIf(${text} = '' or isIPv4String(${text}) and not match(${text}, ${ZEROS}), ${text}, startsWith(${six}, '::ffff:') and position(${six}, '.') > 0, substring(${six}, 8), ${six})`;
}
