// The same recognition as src/scope/password-formats.ts, as ClickHouse SQL over one column.
import { quote } from "../db/click-bind.ts";
import {
  type Grade,
  PASSWORD_FORMATS,
  type PasswordFormat,
  PLAINTEXT,
} from "../core/password-formats.ts";

/** The name of the format, `plaintext` where it has none of a hash. `value` is not empty. */
export function passwordDetailSql(value: string): string {
  const cases = PASSWORD_FORMATS.map(
    ({ pattern, name }) => `match(${value}, ${quote(pattern)}), ${quote(name)}`,
  );
  return `multiIf(${cases.join(", ")}, ${quote(PLAINTEXT)})`;
}

export function passwordGradeSql(value: string): string {
  const cases = PASSWORD_FORMATS.map(
    (format) => `match(${value}, ${quote(format.pattern)}), ${gradeSql(format, value)}`,
  );
  return `multiIf(${cases.join(", ")}, ${quote("weak" satisfies Grade)})`;
}

function gradeSql({ grade }: PasswordFormat, value: string): string {
  if (typeof grade === "string") return quote(grade);
  const cost = `toUInt32OrZero(extract(${value}, ${quote(grade.cost)}))`;
  return `multiIf(${cost} >= ${grade.strong}, 'strong', ${cost} >= ${grade.fair}, 'fair', 'weak')`;
}
