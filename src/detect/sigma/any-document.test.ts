import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readRuleTexts } from "./read-rules.ts";

test("no document that looks like a rule makes it throw, and it is read or has a problem", () => {
  const scalar = fc.oneof(
    fc.constantFrom(
      "x",
      "*a?",
      "%p%",
      "s",
      "one",
      "any",
      "1h",
      "5m",
      "10.0.0.0/8",
      "(a",
      "a or b",
      "s | count() > 5",
    ),
    fc.string(),
    fc.double(),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
  );
  const modifier = fc.constantFrom(
    "contains",
    "all",
    "re",
    "i",
    "base64offset",
    "windash",
    "expand",
    "cidr",
    "hour",
    "gte",
    "neq",
    "exists",
    "fieldref",
    "wide",
    "nope",
  );
  const key = fc
    .tuple(
      fc.constantFrom("A", "a.b", "", "condition", "user.name"),
      fc.array(modifier, { maxLength: 3 }),
    )
    .map((parts) => parts.flat().join("|"));
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(key, tie("value"), { maxKeys: 4 }),
    ),
  }));
  const maybe = (arbitrary: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 4, arbitrary }, { weight: 1, arbitrary: value });
  const detection = maybe(
    fc.record(
      { s: value, t: value, condition: maybe(fc.constantFrom("s", "1 of *", "s and not t")) },
      { requiredKeys: [] },
    ),
  );
  const correlation = maybe(
    fc.record(
      {
        type: maybe(fc.constantFrom("event_count", "temporal", "value_sum")),
        rules: maybe(fc.constant(["one"])),
        "group-by": value,
        timespan: maybe(fc.constant("5m")),
        condition: maybe(fc.constant({ gte: 2, field: "A" })),
        aliases: value,
        generate: value,
      },
      { requiredKeys: [] },
    ),
  );
  const head = {
    title: maybe(fc.constant("t")),
    name: maybe(fc.constant("one")),
    id: value,
    level: value,
    tags: value,
    taxonomy: fc.constantFrom("sigma", "ocsf"),
    logsource: maybe(fc.constant({ product: "x" })),
  };
  const document = fc.oneof(
    fc.record({ ...head, detection }, { requiredKeys: ["detection"] }),
    fc.record({ ...head, correlation }, { requiredKeys: ["correlation"] }),
    fc.record({ ...head, filter: detection }, { requiredKeys: ["filter"] }),
  );
  fc.assert(
    fc.property(fc.array(document, { minLength: 1, maxLength: 4 }), (all) => {
      const text = all.map((one) => JSON.stringify(one)).join("\n---\n");
      const { rules, problems, documents } = readRuleTexts([{ name: "r.yml", text }], {
        placeholders: new Map([["p", ["a", "b*"]]]),
      });
      assert.equal(documents, all.length);
      const filters = all.filter((one) => "filter" in one).length;
      assert.ok(
        rules.length + filters === all.length ||
          problems.some(({ severity }) => severity === "error"),
      );
      for (const { line, column } of problems)
        assert.ok(line >= 1 && line <= all.length * 2 && column >= 1);
    }),
    { numRuns: 2_000 },
  );
});
