// A rule's condition in one line, for tests to compare.
import {
  ANY,
  type Condition,
  type Leaf,
  ONE,
  type RegexFlags,
  type Test,
  type TextPattern,
  type TimePart,
} from "../../src/detect/sigma/rule.ts";

/** `(Image = <*>\cmd.exe & !User = root)`; `==` where case counts, `#` before what is no text, `*` for any field. */
export function showCondition(condition: Condition): string {
  if ("and" in condition) return `(${condition.and.map(showCondition).join(" & ")})`;
  if ("or" in condition) return `(${condition.or.map(showCondition).join(" | ")})`;
  if ("not" in condition) return `!${showCondition(condition.not)}`;
  return showLeaf(condition.leaf);
}

function showLeaf({ field = "*", test }: Leaf): string {
  return showTest(field, test);
}

const SIGNS = { lt: "<", lte: "<=", gt: ">", gte: ">=", eq: "==", neq: "!=" } as const;

function showTest(field: string, test: Test): string {
  if (test.kind === "text")
    return `${field} ${equals(test.pattern.cased)} ${showPattern(test.pattern)}`;
  if (test.kind === "regex") return `${field} ~ /${test.source}/${showFlags(test.flags)}`;
  if (test.kind === "cidr") return `${field} in ${test.range}`;
  if (test.kind === "compare") return `${partOf(field, test.of)} ${SIGNS[test.op]} ${test.to}`;
  if (test.kind === "null") return `${field} = #null`;
  if (test.kind === "exists") return `exists(${field}) = ${test.wanted}`;
  if (test.kind === "field") return `${field} ${test.how} ${equals(test.cased)} @${test.other}`;
  return `${field} = #${test.value}`;
}

const equals = (cased: boolean): string => (cased ? "==" : "=");
const partOf = (field: string, of: TimePart | undefined): string =>
  of ? `${of}(${field})` : field;

function showFlags({ ignoreCase, multiline, dotAll }: RegexFlags): string {
  return [ignoreCase && "i", multiline && "m", dotAll && "s"].filter(Boolean).join("");
}

function showPattern({ parts }: TextPattern): string {
  return parts.map((part) => (part === ANY ? "<*>" : part === ONE ? "<?>" : part)).join("");
}
