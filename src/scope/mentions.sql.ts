// What is mentioned in text of no form, whatever column or document it stands in: identifiers of people, and values whose form alone
// says what they are. One pass of ClickHouse over each text.
import { quote } from "../db/click-bind.ts";
import { emailKeySql } from "../registry/email-key.ts";
import { phoneKeySql } from "../registry/phone-key.ts";
import { passwordDetailSql, passwordGradeSql } from "./password.sql.ts";
import { markSql, tokenDetailSql } from "./token.sql.ts";
import { TOKEN_FORMATS } from "./token-formats.ts";

export const MENTIONS_TYPE = "Array(Tuple(kind String, value String))";
export const FACTS_TYPE = "Array(Tuple(category String, detail String, grade String, mark String))";

// The local part begins with a letter or digit, so that quotes and brackets in front are not part of it; of its other signs
// (RFC 5322 atext) those are left out that stand around addresses in text: `email=a@x`, `<a@x>`, `a@x|b@x`.
const EMAIL =
  "[\\p{L}\\p{N}_](?:[\\p{L}\\p{N}\\p{M}._%+'~-]*[\\p{L}\\p{N}\\p{M}_%+~-])?@[\\p{L}\\p{N}](?:[\\p{L}\\p{N}\\p{M}.-]*[\\p{L}\\p{N}])?\\.[\\p{L}][\\p{L}\\p{M}0-9-]+";
const PHONE = "\\+[1-9][0-9 ().\\x{a0}/-]{6,22}[0-9]";
const CARD = "\\b[2-6](?:[0-9][ -]?){11,17}[0-9]\\b";
const IBAN = "\\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\\b";
const IPV4 =
  "\\b(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\\b";
/** Modular crypt and what looks like it: a dollar sign, a name, and more. */
const HASH = "(?:\\{[A-Za-z0-9-]{3,16}\\}|\\$[A-Za-z0-9_-]{1,20}\\$)[A-Za-z0-9./+=$,:_-]{20,}";

/** Whose: addresses and numbers of phones, as the registry compares them. */
export function mentionsSql(text: string): string {
  const plain = `if(position(${text}, '%40') > 0, replaceAll(${text}, '%40', '@'), ${text})`;
  const emails = `if(position(${text}, '@') > 0 or position(${text}, '%40') > 0, extractAll(${plain}, ${quote(EMAIL)}), [])`;
  const phones = `if(position(${text}, '+') > 0, extractAll(${text}, ${quote(PHONE)}), [])`;
  return `arrayDistinct(arrayFilter(m -> m.2 != '', arrayConcat(
    arrayMap(e -> ('email', ${emailKeySql("e")}), ${emails}),
    arrayMap(p -> ('phone', ${phoneKeySql("p")}), ${phones}))))`;
}

/** What: cards and account numbers by their checksums, tokens and password hashes by their forms, addresses of machines. */
export function factsSql(text: string): string {
  const found = [
    ...tokenFacts(text),
    `if(position(${text}, '$') > 0 or position(${text}, '{') > 0, arrayMap(h -> ('user.authorization.password', ${passwordDetailSql("h")}, ${passwordGradeSql("h")}, ''), arrayFilter(h -> ${passwordDetailSql("h")} != 'plaintext', extractAll(${text}, ${quote(HASH)}))), [])`,
    `arrayMap(c -> ${plainSql("user.financial.credit_card")}, arrayFilter(c -> ${luhnSql("c")}, extractAll(${text}, ${quote(CARD)})))`,
    `arrayMap(c -> ${plainSql("user.financial.bank_account")}, arrayFilter(c -> ${mod97Sql("c")}, extractAll(${text}, ${quote(IBAN)})))`,
    `if(position(${text}, '.') > 0, arrayMap(c -> ${plainSql("user.device.ip_address")}, extractAll(${text}, ${quote(IPV4)})), [])`,
  ];
  return `arrayDistinct(arrayConcat(${found.join(",\n    ")}))`;
}

function plainSql(category: string): string {
  return `(${quote(category)}, '', '', '')`;
}

function tokenFacts(text: string): string[] {
  return TOKEN_FORMATS.filter((format) => format.typed).map(({ category, name, pattern }) => {
    const open = pattern.replaceAll(/(^|\|)\^/g, "$1\\b").replaceAll(/\$(\||$)/g, "$1");
    const value = `arrayMap(t -> (${quote(category)}, ${tokenDetailSql("t", category)}, '', ${markSql("t")}), extractAll(${text}, ${quote(`(${open})`)}))`;
    return `if(position(${text}, ${quote(name.slice(0, 4))}) > 0, ${value}, [])`;
  });
}

// ISO/IEC 7812-1: from the right, every second digit doubled, the digits of all summed.
function luhnSql(value: string): string {
  const digits = `arrayReverse(extractAll(${value}, '[0-9]'))`;
  return `arraySum((d, n) -> if(n % 2 = 1, toUInt8(d), (toUInt8(d) * 2) % 10 + intDiv(toUInt8(d) * 2, 10)), ${digits}, arrayEnumerate(${digits})) % 10 = 0`;
}

// ISO 13616: country and check digits behind the rest, letters as 10 to 35, modulo 97.
function mod97Sql(value: string): string {
  const text = `replaceAll(${value}, ' ', '')`;
  const turned = `concat(substring(${text}, 5), substring(${text}, 1, 4))`;
  const digits = `arrayMap(b -> if(b >= 65, b - 55, b - 48), arrayMap(s -> toUInt16(ascii(s)), splitByString('', ${turned})))`;
  return `arrayFold((sum, d) -> toUInt16((toUInt32(sum) * if(d > 9, 100, 10) + d) % 97), ${digits}, toUInt16(0)) = 1`;
}
