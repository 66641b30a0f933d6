// Letters of several scripts in one word: how one name is made to look like another (UTS 39, 5.1). Noted, never merged.
import { bound } from "./sql-text.ts";

const ALIKE = ["Latin", "Cyrillic", "Greek", "Armenian", "Cherokee"] as const;

/** True where letters of two scripts that look alike stand in one text, as in `pаypal` with a Cyrillic а. */
export function mixedScripts(text: string): boolean {
  if (/^[\0-\x7f]*$/.test(text)) return false;
  return ALIKE.filter((script) => new RegExp(`\\p{Script=${script}}`, "u").test(text)).length > 1;
}

export function mixedScriptsSql(value: string): string {
  const has = ALIKE.map((script) => `match(ms0, '\\\\p{${script}}')`).join(" + ");
  return bound("ms0", value, `if(isASCII(ms0), false, (${has}) > 1)`);
}
