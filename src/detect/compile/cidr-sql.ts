import { isIP } from "node:net";
import { quote } from "../../db/click-bind.ts";

/** `10.0.0.0/8`, `2001:db8::/32` or a single address; undefined where it is none of them. */
export function cidrRange(
  range: string,
): { readonly address: string; readonly bits: number; readonly version: 4 | 6 } | undefined {
  const [address = "", length, ...rest] = range.trim().split("/");
  const version = isIP(address);
  if (rest.length > 0 || (version !== 4 && version !== 6) || address.includes("%"))
    return undefined;
  const most = version === 4 ? 32 : 128;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  const bits = length === undefined ? most : Number(length);
  return bits <= most ? { address, bits, version } : undefined;
}

/** SQL, Bool. An IPv4 address also counts where it is written as an IPv6 one; a range of IPv6 never holds plain IPv4. */
export function cidrSql(range: string, value: string): string {
  const found = cidrRange(range);
  if (found === undefined) return "false";
  const { address, bits, version } = found;
  const first = `IPv6CIDRToRange(toIPv6(${quote(address)}), ${version === 4 ? bits + 96 : bits})`;
  const within = `ifNull(toIPv6OrNull(${value}) between tupleElement(${first}, 1) and tupleElement(${first}, 2), false)`;
  return version === 4 || (bits >= 96 && /^::ffff:/i.test(address))
    ? within
    : `(${within} and not isIPv4String(${value}))`;
}
