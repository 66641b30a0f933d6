// What must be seen in an event before a rule can match it. A cover is a set of cheap signs such that the rule's condition holds only
// where at least one of them does.
import type { Condition, Leaf, TextPattern } from "../sigma/rule.ts";
import { keywordTest } from "./condition-sql.ts";
import { foldedVariants, foldPlain, isPlain, longestPlain } from "./fold.ts";
import { mergeParts } from "./leaf-sql.ts";
import { regexLiterals } from "./regex-literals.ts";

export type Sign =
  /** The folded value (of the record, where there is no field) holds this text, which folding leaves as it is. */
  | { readonly kind: "contains"; readonly field: string | undefined; readonly text: string }
  /** The folded value is this text, which `isPlain`. */
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

// Worse than any cover: the rule's condition is then run on every event.
const ALWAYS: Cover = { signs: [{ kind: "always" }], cost: 2 };
const NEVER: Cover = { signs: [], cost: 0 };

function cheapest(covers: readonly Cover[]): Cover {
  return covers.reduce((best, cover) => (cover.cost < best.cost ? cover : best), ALWAYS);
}

function together(covers: readonly Cover[]): Cover {
  const signs = covers.flatMap((cover) => cover.signs);
  const tests = signs.filter(({ kind }) => kind === "test").length;
  if (tests > MOST_TESTS || signs.some(({ kind }) => kind === "always")) return ALWAYS;
  const cost = covers.reduce((sum, cover) => sum + cover.cost, 0);
  return { signs, cost: Math.min(1, cost) };
}

/** Tests of one rule in the first pass: with more of them, it is as well to run the rule itself. */
const MOST_TESTS = 4;

function leafCover(leaf: Leaf, input: CoverInput, negated: boolean): Cover {
  if (leaf.field !== undefined && !input.has(leaf.field)) {
    const holds = leaf.test.kind === "null" || (leaf.test.kind === "exists" && !leaf.test.wanted);
    return holds === negated ? NEVER : ALWAYS;
  }
  if (negated) return ALWAYS;
  return cheapest(leafWays(leaf).map((signs) => coverBy(signs, input)));
}

function coverBy(signs: readonly Sign[], { cost }: CoverInput): Cover {
  return together(signs.map((sign) => ({ signs: [sign], cost: cost(sign) })));
}

/** Ways to see that one leaf holds: of each, at least one sign is there. */
export function leafWays(leaf: Leaf): readonly (readonly Sign[])[] {
  const { field, test } = leaf;
  if (field === undefined) {
    const sought = keywordTest(test);
    if (sought?.kind === "text") return textWays(leaf, sought.pattern);
    return sought?.kind === "regex" ? regexWays(leaf, sought.source) : [];
  }
  if (test.kind === "text") return textWays(leaf, test.pattern);
  if (test.kind === "regex") return regexWays(leaf, test.source);
  if (test.kind === "number") return [[{ kind: "number", field, value: test.value }]];
  if (test.kind === "flag") return [[{ kind: "equals", field, text: String(test.value) }]];
  return [[{ kind: "test", leaf }]];
}

/** Longer ones add to the price of compiling and no longer to what they tell. */
const LONGEST = 64;

function textWays(leaf: Leaf, pattern: TextPattern): readonly (readonly Sign[])[] {
  const parts = mergeParts(pattern.parts);
  const [only] = parts;
  const whole = parts.length === 1 && typeof only === "string" && only.length <= 200;
  if (leaf.field !== undefined && whole && isPlain(only)) {
    return [[{ kind: "equals", field: leaf.field, text: foldPlain(only) }]];
  }
  const literals = parts.filter((part) => typeof part === "string");
  return [
    ...containsWay(leaf, [literals]),
    ...variantsWay(leaf, literals),
    [{ kind: "test", leaf }],
  ];
}

function regexWays(leaf: Leaf, source: string): readonly (readonly Sign[])[] {
  const literals = regexLiterals(source);
  if (literals === undefined) return [[{ kind: "test", leaf }]];
  return [
    ...containsWay(
      leaf,
      literals.map((literal) => [literal]),
    ),
    [{ kind: "test", leaf }],
  ];
}

// Of each alternative the longest stretch that can be looked for.
function containsWay(
  { field }: Leaf,
  alternatives: readonly (readonly string[])[],
): readonly (readonly Sign[])[] {
  const texts = alternatives.map((literals) => {
    const runs = literals
      .flatMap((literal) => (field === undefined ? literal.split(ESCAPED) : [literal]))
      .map(longestPlain);
    const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), "");
    return longestPlain(longest.slice(0, LONGEST)); // which may have cut a character in two
  });
  if (texts.includes("")) return [];
  return [texts.map((text) => ({ kind: "contains", field, text }))];
}

// Of text without a plain stretch: each way to write a part of it.
function variantsWay({ field }: Leaf, literals: readonly string[]): readonly (readonly Sign[])[] {
  if (literals.some((literal) => longestPlain(literal) !== "")) return [];
  const [first] = literals.map((literal) => Array.from(literal).slice(0, LETTERS).join(""));
  const variants = first === undefined || field === undefined ? undefined : foldedVariants(first);
  return variants === undefined
    ? []
    : [variants.map((text) => ({ kind: "contains", field, text }))];
}

/** Together they are written in few ways, and in few texts. */
const LETTERS = 3;

/** What JSON must escape in a string. */
const ESCAPED = /["\\]|\p{Control}/u;

export function signKey(sign: Sign): string {
  if (sign.kind !== "test") return JSON.stringify(sign);
  return JSON.stringify(sign, (_, value: unknown) =>
    typeof value === "symbol" ? value.toString() : value,
  );
}
