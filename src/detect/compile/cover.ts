// What must be seen in an event before a rule can match it. A cover is a set of cheap signs such that the rule's condition holds only
// where at least one of them does.
import { ANY, type Condition, type Leaf, ONE, type TextPattern } from "../sigma/rule.ts";
import { keywordTest } from "./condition-sql.ts";
import { foldAscii, isAscii } from "./fold.ts";
import { mergeParts } from "./leaf-sql.ts";
import { regexLiterals } from "./regex-literals.ts";

export type Sign =
  /** The folded value (of the record, where there is no field) holds this ASCII text. */
  | { readonly kind: "contains"; readonly field: string | undefined; readonly text: string }
  /** The folded value is this ASCII text. */
  | { readonly kind: "equals"; readonly field: string; readonly text: string }
  | { readonly kind: "number"; readonly field: string; readonly value: number }
  /** The leaf itself holds. */
  | { readonly kind: "test"; readonly leaf: Leaf }
  | { readonly kind: "always" };

export type Cover = {
  readonly signs: readonly Sign[];
  /** The part of the events that it is expected to let through, from 0 to 1; more where it is dear to look for. */
  readonly cost: number;
};

export type CoverInput = {
  /** Has any event of the format this field? */
  readonly has: (field: string) => boolean;
  readonly cost: (sign: Sign) => number;
};

/** The cheapest cover, by `cost`. No signs: nothing matches. */
export function coverOf(condition: Condition, input: CoverInput, negated = false): Cover {
  if ("leaf" in condition) return leafCover(condition.leaf, input, negated);
  if ("not" in condition) return coverOf(condition.not, input, !negated);
  const parts = "and" in condition ? condition.and : condition.or;
  const covers = parts.map((part) => coverOf(part, input, negated));
  const all = "and" in condition !== negated;
  return all ? cheapest(covers) : together(covers);
}

const ALWAYS: Cover = { signs: [{ kind: "always" }], cost: 1 };
const NEVER: Cover = { signs: [], cost: 0 };

function cheapest(covers: readonly Cover[]): Cover {
  return covers.reduce((best, cover) => (cover.cost < best.cost ? cover : best), ALWAYS);
}

function together(covers: readonly Cover[]): Cover {
  const cost = covers.reduce((sum, cover) => sum + cover.cost, 0);
  return cost >= 1 ? ALWAYS : { signs: covers.flatMap(({ signs }) => signs), cost };
}

function leafCover(leaf: Leaf, input: CoverInput, negated: boolean): Cover {
  if (leaf.field !== undefined && !input.has(leaf.field)) {
    const holds = leaf.test.kind === "null" || (leaf.test.kind === "exists" && !leaf.test.wanted);
    return holds === negated ? NEVER : ALWAYS;
  }
  if (negated) return ALWAYS;
  const signs = leafSigns(leaf);
  const cost = signs.reduce((sum, sign) => sum + input.cost(sign), 0);
  return cost >= 1 ? ALWAYS : { signs, cost };
}

/** Signs of one leaf that holds: at least one of them is seen. */
export function leafSigns(leaf: Leaf): readonly Sign[] {
  const { field, test } = leaf;
  if (field === undefined) {
    const sought = keywordTest(test);
    if (sought?.kind === "text") return patternSigns(leaf, sought.pattern);
    return sought?.kind === "regex" ? regexSigns(leaf, sought.source) : [];
  }
  if (test.kind === "text") return patternSigns(leaf, test.pattern);
  if (test.kind === "regex") return regexSigns(leaf, test.source);
  if (test.kind === "number") return [{ kind: "number", field, value: test.value }];
  if (test.kind === "flag") return [{ kind: "equals", field, text: String(test.value) }];
  return [{ kind: "test", leaf }];
}

/** Longer ones add to the price of compiling and no longer to what they tell. */
const LONGEST = 64;

function patternSigns(leaf: Leaf, pattern: TextPattern): readonly Sign[] {
  const parts = mergeParts(pattern.parts);
  const [only] = parts;
  if (
    leaf.field !== undefined &&
    parts.length === 1 &&
    typeof only === "string" &&
    only.length <= 200 &&
    isAscii(only)
  ) {
    return [{ kind: "equals", field: leaf.field, text: foldAscii(only) }];
  }
  const runs = parts.flatMap((part) =>
    part === ANY || part === ONE ? [] : (part.match(/\p{ASCII}+/gu) ?? []),
  );
  const text = runs.reduce((longest, run) => (run.length > longest.length ? run : longest), "");
  if (text === "") return [{ kind: "test", leaf }];
  return [{ kind: "contains", field: leaf.field, text: foldAscii(text.slice(0, LONGEST)) }];
}

function regexSigns(leaf: Leaf, source: string): readonly Sign[] {
  const literals = regexLiterals(source);
  if (literals === undefined) return [{ kind: "test", leaf }];
  return literals.map((text) => ({
    kind: "contains",
    field: leaf.field,
    text: text.slice(0, LONGEST),
  }));
}

export function signKey(sign: Sign): string {
  if (sign.kind !== "test") return JSON.stringify(sign);
  return JSON.stringify(sign, (_, value: unknown) =>
    typeof value === "symbol" ? value.toString() : value,
  );
}
