import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { choicesOf } from "./ordered-choices.ts";
import type { RuleExpression } from "./rule.ts";

const RULES = ["a", "b", "c", "d"];

const { expression } = fc.letrec<{ expression: RuleExpression }>((tie) => {
  const parts = fc.array(tie("expression"), { minLength: 1, maxLength: 3 });
  return {
    expression: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      fc.constantFrom(...RULES).map((rule) => ({ rule })),
      tie("expression").map((not) => ({ not })),
      parts.map((and) => ({ and })),
      parts.map((or) => ({ or })),
    ),
  };
});

function holds(of: RuleExpression, present: ReadonlySet<string>): boolean {
  if ("rule" in of) return present.has(of.rule);
  if ("not" in of) return !holds(of.not, present);
  return "and" in of
    ? of.and.every((part) => holds(part, present))
    : of.or.some((part) => holds(part, present));
}

test("an expression holds where one of its choices does", () => {
  fc.assert(
    fc.property(expression, fc.subarray(RULES), (of, some) => {
      const present = new Set(some);
      const choices = choicesOf(of);
      assert.ok(choices);
      const chosen = choices.some(
        ({ all, none }) => all.isSubsetOf(present) && none.isDisjointFrom(present),
      );
      assert.equal(chosen, holds(of, present));
    }),
    { numRuns: 2_000 },
  );
});

test("what has more choices than can be looked for is given up at once", () => {
  const either = (n: number): RuleExpression => ({ or: [{ rule: `a${n}` }, { rule: `b${n}` }] });
  const many = { and: Array.from({ length: 5_000 }, (_, n) => either(n)) };
  const began = performance.now();
  assert.equal(choicesOf(many), undefined);
  assert.equal(choicesOf({ not: { not: many } }), undefined);
  assert.ok(performance.now() - began < 200);
  assert.equal(choicesOf({ and: many.and.slice(0, 5) })?.length, 32);
});
