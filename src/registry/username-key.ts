import { foldText, foldTextSql } from "./clean-text.ts";
import { bound } from "./sql-text.ts";

/** NFKC, case-folded, blanks at the ends off. Undefined for nothing, for more than 512 octets and for one with a NUL in it. */
export function usernameKey(name: string): string | undefined {
  if (Buffer.byteLength(name) > 512 || name.includes("\0")) return undefined;
  return foldText(name) || undefined;
}

/** As `usernameKey`, as ClickHouse SQL; '' where that is undefined. */
export function usernameKeySql(value: string): string {
  const fits = `length(uk0) <= 512 and position(uk0, char(0)) = 0`;
  return bound("uk0", `ifNull(${value}, '')`, `if(${fits}, ${foldTextSql("uk0")}, '')`);
}
