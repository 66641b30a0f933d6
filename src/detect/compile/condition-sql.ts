// A rule's condition as SQL over the columns of its field reads: exact, and never null, so that `not` loses no event.
import { quote } from "../../db/click-bind.ts";
import type { Condition, Leaf, Test } from "../sigma/rule.ts";
import { ANY, ONE } from "../sigma/rule.ts";
import type { FieldReads, Slot } from "./field-reads.ts";
import { foldedVariants, foldSql } from "./fold.ts";
import {
  anywhere,
  fieldTestSql,
  isValueTest,
  mergeParts,
  type ValueSql,
  type ValueTest,
  valueTestSql,
} from "./leaf-sql.ts";

/** SQL, Bool. Records with arrays where fields are looked for are tested element by element; the others, the most, as they are. */
export function conditionSql(condition: Condition, reads: FieldReads): string {
  const plain = nodeSql(condition, { reads, odd: false });
  if (reads.odd === undefined) return plain;
  const odd = nodeSql(condition, { reads, odd: true });
  return odd === plain ? plain : `if(${reads.odd}, ${odd}, ${plain})`;
}

/** SQL, Bool, of one leaf, as `conditionSql`. */
export function leafSql(leaf: Leaf, reads: FieldReads): string {
  return conditionSql({ leaf }, reads);
}

type Way = { readonly reads: FieldReads; readonly odd: boolean };

function nodeSql(condition: Condition, way: Way): string {
  if ("leaf" in condition) return oneLeafSql(condition.leaf, way);
  if ("not" in condition) return `not ${nodeSql(condition.not, way)}`;
  if ("and" in condition)
    return joined(
      condition.and.map((part) => nodeSql(part, way)),
      "and",
    );
  return joined(orSql(condition.or, way), "or");
}

function joined(parts: readonly string[], word: "and" | "or"): string {
  if (parts.length === 0) return word === "and" ? "true" : "false";
  return `(${parts.join(` ${word} `)})`;
}

// A hundred values of one field are one search, not a hundred.
function orSql(parts: readonly Condition[], way: Way): string[] {
  const groups = new Map<string, { readonly field: string; readonly tests: ValueTest[] }>();
  const rest: string[] = [];
  for (const part of parts) {
    const leaf = "leaf" in part ? part.leaf : undefined;
    if (leaf?.field === undefined || !isValueTest(leaf.test)) {
      rest.push(nodeSql(part, way));
      continue;
    }
    const group = groups.get(leaf.field) ?? { field: leaf.field, tests: [] };
    group.tests.push(leaf.test);
    groups.set(leaf.field, group);
  }
  return [
    ...[...groups.values()].map(({ field, tests }) => anyTestSql(field, tests, way)),
    ...rest,
  ];
}

function oneLeafSql({ field, test }: Leaf, way: Way): string {
  if (field === undefined) return keywordSql(test, way.reads);
  if (isValueTest(test)) return anyTestSql(field, [test], way);
  const slot = way.reads.slot(field);
  if (test.kind === "null") return slot === undefined ? "true" : nullSql(slot, way);
  if (test.kind === "exists")
    return slot === undefined ? String(!test.wanted) : existsSql(slot, test.wanted, way);
  const other = way.reads.slot(test.other);
  if (slot === undefined || other === undefined) return "false";
  if (!way.odd) {
    const compared = fieldTestSql(test, `ifNull(${slot.value}, '')`, `ifNull(${other.value}, '')`);
    return `(isNotNull(${slot.value}) and isNotNull(${other.value}) and ${compared})`;
  }
  return `arrayExists(a -> arrayExists(b -> ${fieldTestSql(test, "a", "b")}, ${valuesOf(other)}), ${valuesOf(slot)})`;
}

function nullSql(slot: Slot, { odd }: Way): string {
  return odd && slot.json ? slot.none : `isNull(${slot.value})`;
}

function existsSql(slot: Slot, wanted: boolean, { odd }: Way): string {
  return `${wanted ? "" : "not "}${odd ? slot.existsOdd : slot.exists}`;
}

function valuesOf(slot: Slot): string {
  return slot.json ? slot.values : `if(isNull(${slot.value}), [], [ifNull(${slot.value}, '')])`;
}

function anyTestSql(field: string, tests: readonly ValueTest[], { reads, odd }: Way): string {
  const slot = reads.slot(field);
  if (slot === undefined) return "false";
  if (odd && slot.json)
    return `arrayExists(e -> ${testsSql(tests, { value: "e", folded: foldSql("e") })}, ${slot.values})`;
  return `(isNotNull(${slot.value}) and ${testsSql(tests, { value: `ifNull(${slot.value}, '')`, folded: slot.folded })})`;
}

function keywordSql(test: Test, reads: FieldReads): string {
  const sought = keywordTest(test);
  if (sought === undefined) return "false";
  return `arrayExists(e -> ${testsSql([sought], { value: "e", folded: foldSql("e") })}, ${reads.keywords.values})`;
}

/** What a keyword looks for anywhere in the record; undefined where the test needs a field. */
export function keywordTest(test: Test): ValueTest | undefined {
  if (test.kind === "text") return { kind: "text", pattern: anywhere(test.pattern) };
  if (test.kind === "regex") return test;
  if (test.kind !== "number" && test.kind !== "flag") return undefined;
  return { kind: "text", pattern: anywhere({ parts: [String(test.value)], cased: false }) };
}

function testsSql(tests: readonly ValueTest[], of: ValueSql): string {
  const sets = { equal: sets2(), within: sets2() };
  const rest: string[] = [];
  for (const test of tests) {
    const literal = literalOf(test);
    if (literal === undefined) rest.push(valueTestSql(test, of));
    else sets[literal.how][literal.cased ? "cased" : "folded"].push(...literal.texts);
  }
  const parts = [
    ...equalSql(of.value, sets.equal.cased),
    ...equalSql(of.folded, sets.equal.folded),
    ...withinSql(of.value, sets.within.cased),
    ...withinSql(of.folded, sets.within.folded),
    ...rest,
  ];
  return parts.length === 1 ? (parts[0] ?? "false") : joined(parts, "or");
}

function sets2(): { readonly cased: string[]; readonly folded: string[] } {
  return { cased: [], folded: [] };
}

type Literal = {
  readonly how: "equal" | "within";
  readonly cased: boolean;
  /** Any of them. */
  readonly texts: readonly string[];
};

function literalOf(test: ValueTest): Literal | undefined {
  if (test.kind !== "text") return undefined;
  const parts = mergeParts(test.pattern.parts);
  const { cased } = test.pattern;
  const [literal, ...others] = parts.filter((part) => part !== ANY);
  if (literal === undefined || literal === ONE || others.length > 0) return undefined;
  if (parts.length === 2) return undefined;
  const texts = cased ? [literal] : foldedVariants(literal);
  if (texts === undefined) return undefined;
  return { how: parts.length === 1 ? "equal" : "within", cased, texts };
}

function equalSql(value: string, texts: readonly string[]): string[] {
  if (texts.length === 0) return [];
  return [
    texts.length === 1
      ? `${value} = ${quote(texts[0] ?? "")}`
      : `${value} in (${texts.map(quote).join(", ")})`,
  ];
}

/** A search takes no more needles. */
const NEEDLES = 255;

function withinSql(value: string, texts: readonly string[]): string[] {
  if (texts.length === 1) return [`position(${value}, ${quote(texts[0] ?? "")}) > 0`];
  const parts: string[] = [];
  for (let from = 0; from < texts.length; from += NEEDLES) {
    parts.push(
      `multiSearchAny(${value}, [${texts
        .slice(from, from + NEEDLES)
        .map(quote)
        .join(", ")}])`,
    );
  }
  return parts;
}
