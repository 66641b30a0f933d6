import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { namesIn, parseCohortExpression, type CohortExpression } from "./cohort-expression.ts";

/** With all its parentheses. */
function spelled(expression: CohortExpression): string {
  if (expression.op === "name") return expression.name;
  return `(${spelled(expression.left)} ${expression.op} ${spelled(expression.right)})`;
}

function parsed(text: string): string {
  const result = parseCohortExpression(text);
  return result.ok ? spelled(result.expression) : `${result.at}: ${result.message}`;
}

test("& binds first, + and - go from left to right, parentheses decide otherwise", () => {
  assert.equal(parsed("a + b - c & d"), "((a + b) - (c & d))");
  assert.equal(parsed("a - b - c"), "((a - b) - c)");
  assert.equal(parsed("a - (b - c) & (d+e)"), "(a - ((b - c) & (d + e)))");
  assert.equal(parsed("  affected "), "affected");
});

test("a minus without spaces belongs to the name", () => {
  assert.equal(parsed("needs-reset"), "needs-reset");
  assert.equal(parsed("needs - reset"), "(needs - reset)");
});

test("what is wrong is told with its place", () => {
  assert.equal(parsed(""), "0: a cohort's name is missing at the end");
  assert.equal(parsed("a +"), "3: a cohort's name is missing at the end");
  assert.equal(parsed("a + + b"), "4: a cohort's name is missing before +");
  assert.equal(parsed("a b"), "2: write +, - or & before b (a minus with a space on each side)");
  assert.equal(parsed("(a + b"), "6: a ) is missing");
  assert.equal(parsed("a)"), "1: ) does not belong here");
  assert.equal(parsed("a | b"), "2: write cohorts' names (a-z, 0-9, - and _) with +, -, & and ( )");
  assert.match(parsed("(".repeat(100)), /^50: more than 50 parentheses/);
  assert.match(parsed("a".repeat(3000)), /^0: longer than/);
});

const tree: fc.Arbitrary<CohortExpression> = fc.letrec<{
  one: CohortExpression;
  all: CohortExpression;
}>((tie) => ({
  one: fc
    .stringMatching(/^[a-z][a-z0-9_-]{0,5}$/)
    .map((name): CohortExpression => ({ op: "name", name, at: 0 })),
  all: fc.oneof(
    { maxDepth: 5 },
    tie("one"),
    fc.record({
      op: fc.constantFrom("+" as const, "-" as const, "&" as const),
      left: tie("all"),
      right: tie("all"),
    }),
  ),
})).all;

test("every expression that is written out in full is read back as it was", () => {
  fc.assert(
    fc.property(tree, (expression) => {
      const text = spelled(expression);
      assert.equal(parsed(text), text);
      const again = parseCohortExpression(text);
      assert.ok(again.ok);
      for (const { name, at } of namesIn(again.expression))
        assert.equal(text.slice(at, at + name.length), name);
    }),
  );
});

test("no text is too odd to be answered", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => parsed(text).length > 0));
});
