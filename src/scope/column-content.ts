// What the values of a column say about its category, without its name.
import { PASSWORD_FORMATS } from "../core/password-formats.ts";
import { isWellFormed, TOKEN_FORMATS } from "./token-formats.ts";

export type Content = {
  /** `sure`: the form alone says it. Not sure: it fits, if the name says it too. */
  readonly categories: readonly { readonly category: string; readonly sure: boolean }[];
  /** What a name may suggest and the values exclude. */
  readonly refutes: readonly string[];
};

const EMPTY = new Set(["", "NULL", "null", "\\N", "(null)", "<null>"]);
/** Of the values that are not empty. */
const MOST = 0.6;
/** Enough of a form that nothing else has. */
const SOME = 0.3;

export function isEmptyValue(value: string): boolean {
  return EMPTY.has(value);
}

/** Where a column has no name (a bare list of `address:hash`), rows of hex digits of a hash's length are taken for one. */
export function contentOf(values: readonly string[], { named }: { named: boolean }): Content {
  const given = values.filter((value) => !isEmptyValue(value));
  if (given.length === 0) return { categories: [], refutes: [] };
  const share = (test: (value: string) => boolean): number =>
    given.filter(test).length / given.length;
  const categories: { category: string; sure: boolean }[] = [];
  const found = (category: string, sure: boolean): void => {
    categories.push({ category, sure });
  };
  for (const format of TOKEN_FORMATS) {
    if (share((value) => isWellFormed(value, format)) >= (format.typed ? SOME : MOST))
      found(format.category, format.typed);
  }
  const hashes = share((value) => TYPED_HASHES.some((pattern) => pattern.test(value)));
  const bare = named ? 0 : share((value) => BARE_HASH.test(value));
  if (hashes >= SOME || bare >= MOST) found("user.authorization.password", true);
  for (const [category, test] of FORMS) if (share(test) >= MOST) found(category, true);
  return { categories: distinct(categories), refutes: refuted(given, share(isEmail)) };
}

const FORMS: readonly (readonly [string, (value: string) => boolean])[] = [
  ["user.contact.email", isEmail],
  ["user.device.ip_address", (value) => IP.test(value)],
  ["user.financial.credit_card", isCard],
  ["user.financial.bank_account", (value) => IBAN.test(value)],
  ["user.contact.phone_number", (value) => E164.test(value)],
];

function isEmail(value: string): boolean {
  return EMAIL.test(value);
}

const EMAIL = /^[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}$/;
const IP = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$|^(?=.*:.*:)[0-9a-f:]{3,39}$/i;
const IBAN = /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/;
const E164 = /^\+[1-9]\d{7,14}$/;
const BARE_HASH = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i;
const TYPED_HASHES = PASSWORD_FORMATS.filter((format) => format.typed).map(
  (format) => new RegExp(format.pattern, "s"),
);
const TIME_OR_FLAG =
  /^(?:\d{4}-\d\d-\d\d(?:[T ].*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|true|false|t|f|yes|no|[01])$/i;

// A column `password` full of dates or of true and false says when or whether, not what.
function refuted(given: readonly string[], emails: number): string[] {
  const flags = given.filter((value) => TIME_OR_FLAG.test(value)).length / given.length;
  return [
    ...(flags >= 0.95
      ? [
          "user.authorization.password",
          "user.authorization.credentials",
          "user.authorization.second_factor",
          "user.contact.email",
          "user.name",
        ]
      : []),
    ...(emails < 0.05 ? ["user.contact.email"] : []),
  ];
}

// Luhn, 13 to 19 digits (ISO/IEC 7812-1).
function isCard(value: string): boolean {
  const digits = value.replace(/[ -]/g, "");
  if (!/^[2-6]\d{12,18}$/.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits[digits.length - 1 - at]);
    const twice = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += at % 2 === 0 ? digit : twice;
  }
  return sum % 10 === 0;
}

function distinct(
  categories: readonly { category: string; sure: boolean }[],
): { category: string; sure: boolean }[] {
  const best = new Map<string, boolean>();
  for (const { category, sure } of categories)
    best.set(category, sure || (best.get(category) ?? false));
  return [...best].map(([category, sure]) => ({ category, sure }));
}
