import assert from "node:assert/strict";
import { test } from "node:test";
import { testClick } from "../../../test/support/context.ts";
import { correlationRule, happened, relationsFor } from "../../../test/support/correlation-rule.ts";
import { couldFire } from "./could-fire.ts";

const EVENTS = happened("0 a x v=1, 1 a x v=1, 50 a x v=2, 2 a y v=1");
const three = [{ op: "gte" as const, to: 3 }];

test("of several correlations those are left of which a group has enough, whenever it was", async () => {
  const values = { type: "value_count" as const, valueFields: ["v"] };
  const rules = [
    correlationRule({ id: "four", conditions: [{ op: "gte", to: 4 }] }),
    correlationRule({ id: "three", conditions: three }),
    correlationRule({ id: "values", ...values, conditions: three }),
    correlationRule({ id: "pair", ...values, conditions: [{ op: "gte", to: 2 }] }),
    correlationRule({ id: "any", conditions: [{ op: "lt", to: 3 }] }),
  ];
  const inputs = rules.map((rule) => ({ rule, relations: relationsFor(rule, EVENTS) }));
  const left = await couldFire(await testClick(), inputs);
  assert.deepEqual(
    left.map(({ rule }) => rule.id),
    ["three", "pair", "any"],
  );
});
