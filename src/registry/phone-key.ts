import { parsePhoneNumberFromString, isSupportedCountry } from "libphonenumber-js/min";
import { cleanText, cleanTextSql, sqlPattern } from "./clean-text.ts";
import { bound } from "./sql-text.ts";

const SEPARATORS = "[ .()/\\-\\x{2010}-\\x{2015}]+";
const SEPARATORS_JS = /[ .()/\-\u2010-\u2015]+/gu;
const E164 = "^\\+[1-9][0-9]{7,14}$";
const E164_JS = new RegExp(E164, "u");

/**
 * E.164. With the country (ISO 3166-1 alpha-2) a national number is completed by that country's plan; without one only
 * numbers that begin with `+` are known. `+44 (0)20…` needs its plan too: the zero in it is not dialled.
 */
export function phoneKey(number: string, country?: string): string | undefined {
  return international(number) ?? byPlan(number, country);
}

function international(number: string): string | undefined {
  if (Buffer.byteLength(number) > 64 || number.includes("(0)")) return undefined;
  const digits = cleanText(number).replace(SEPARATORS_JS, "");
  return E164_JS.test(digits) ? digits : undefined;
}

function byPlan(number: string, country: string | undefined): string | undefined {
  if (Buffer.byteLength(number) > 64) return undefined;
  const upper = country?.trim().toUpperCase() ?? "";
  const text = cleanText(number).replace(/^00(?=[1-9])/, "+");
  const options = isSupportedCountry(upper)
    ? { defaultCountry: upper, extract: false }
    : { extract: false };
  const found = parsePhoneNumberFromString(text, options);
  return found?.isPossible() === true ? found.number : undefined;
}

/** As `phoneKey` without a country, for numbers written with `+`; '' for all others. */
export function phoneKeySql(value: string): string {
  const digits = bound(
    "pk1",
    `replaceRegexpAll(${cleanTextSql("pk0")}, '${sqlPattern(SEPARATORS)}', '')`,
    `if(match(pk1, '${sqlPattern(E164)}'), pk1, '')`,
  );
  const fits = `length(pk0) <= 64 and position(pk0, '(0)') = 0`;
  const already = `match(pk0, '${sqlPattern(E164)}')`;
  return bound("pk0", `ifNull(${value}, '')`, `if(${already}, pk0, if(${fits}, ${digits}, ''))`);
}
