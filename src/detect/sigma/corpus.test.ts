// What others wrote: the specification's own examples and the rules of SigmaHQ, where they stand beside the checkout.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { sharedData } from "../../../test/support/shared-data.ts";
import { readRules, readRuleTexts } from "./read-rules.ts";
import type { RuleProblem } from "./rule.ts";

const SPECIFICATION = sharedData("sigma-spec/specification");
const SCHEMA_TESTS = sharedData("sigma-spec/tests/schema");
const CORPUS = sharedData("sigma");
const FOLDERS = ["rules", "rules-emerging-threats", "rules-threat-hunting"];

const errors = (problems: readonly RuleProblem[]): RuleProblem[] =>
  problems.filter(({ severity }) => severity === "error");

/** Rules with the ids and names that the specification's correlations refer to. */
function referred(text: string): string {
  const section = /^ {4}rules: *\n((?: {8}.*\n?)+)/gm;
  const names = [...text.matchAll(section)].flatMap((found) =>
    Array.from((found[1] ?? "").matchAll(/- (\S+)/g), (item) => item[1] ?? ""),
  );
  const missing = new Set(
    names.filter((name) => !new RegExp(`^(?:id|name): ${name}$`, "m").test(text)),
  );
  return [...missing]
    .map(
      (name) =>
        `---\ntitle: ${name}\n${name.length === 36 ? "id" : "name"}: ${name}\nlogsource: { product: x }\ndetection: { s: { A: 1 }, condition: s }\n`,
    )
    .join("");
}

/** An example of a part, with the parts that every rule has. */
function completed(example: string): string {
  const hasSection = (name: string): boolean => new RegExp(`^${name}:`, "m").test(example);
  const lines = [hasSection("title") ? "" : "title: example\n", example.trimEnd(), "\n"];
  if (hasSection("detection") && !hasSection("logsource"))
    lines.push("logsource: { product: x }\n");
  if (hasSection("detection") && !/^ +condition:/m.test(example)) {
    const selection = /^detection:\n +(\S+):/m.exec(example)?.[1];
    return lines.join("").replace("detection:\n", `detection:\n    condition: ${selection}\n`);
  }
  return lines.join("");
}

test(
  "every example of the specification is read, and the one that it calls invalid is refused",
  { skip: SPECIFICATION ? false : "the specification is not here" },
  () => {
    let examples = 0;
    for (const file of readdirSync(SPECIFICATION ?? "")) {
      const text = readFileSync(join(SPECIFICATION ?? "", file), "utf8");
      for (const [block, yaml = ""] of text.matchAll(/```ya?ml\n([\s\S]*?)```/g)) {
        if (!/^(?:detection|correlation|filter):/m.test(yaml) || /\[optional\]/.test(yaml))
          continue;
        if (/^correlation:\n {2}rules:/m.test(yaml)) continue; // shows `rules` alone
        const isInvalid = text.slice(0, text.indexOf(block)).trimEnd().endsWith("Invalid Example:");
        const whole = completed(yaml);
        const { problems } = readRuleTexts([{ name: file, text: whole + referred(whole) }]);
        examples += 1;
        assert.equal(
          errors(problems).length > 0,
          isInvalid,
          `${file}: ${yaml}\n${JSON.stringify(errors(problems))}`,
        );
      }
    }
    assert.ok(examples >= 23, `${examples} examples`);
  },
);

test(
  "the valid documents of the specification's schema tests are read; without what the schema requires they are refused",
  { skip: SCHEMA_TESTS ? false : "the specification is not here" },
  () => {
    const REQUIRED = [
      "title",
      "logsource",
      "detection",
      "correlation",
      "filter",
      "type",
      "rules",
      "timespan",
      "condition",
      "selection",
    ];
    let refused = 0;
    for (const file of readdirSync(SCHEMA_TESTS ?? "", {
      recursive: true,
      encoding: "utf8",
    }).filter((name) => name.endsWith(".yml"))) {
      const text = `${readFileSync(join(SCHEMA_TESTS ?? "", file), "utf8").trimEnd()}\n`;
      const isRead = (one: string): boolean =>
        errors(readRuleTexts([{ name: file, text: one + referred(text) }]).problems).length === 0;
      assert.ok(
        isRead(text),
        `${file}: ${JSON.stringify(readRuleTexts([{ name: file, text: text + referred(text) }]).problems)}`,
      );
      for (const key of REQUIRED) {
        const without = text.replace(new RegExp(`^( *)${key}:.*\\n(?:\\1 +.*\\n?)*`, "m"), "");
        // A temporal rule needs no condition; what is related is only for people.
        const isNeeded = key !== "condition" || !text.includes("temporal");
        if (without === text || !isNeeded || (key === "type" && text.includes("related:")))
          continue;
        refused += 1;
        assert.ok(!isRead(without), `${file} without ${key}`);
      }
    }
    assert.ok(refused >= 40, `${refused} refused`);
  },
);

test(
  "every rule of SigmaHQ is read",
  { skip: CORPUS ? false : "the rules of SigmaHQ are not here" },
  async (t) => {
    const start = performance.now();
    const set = await readRules(
      FOLDERS.map((name) => join(CORPUS ?? "", name)),
      { placeholders: new Map([["known_cdcs", ["dc1$"]]]) },
    );
    t.diagnostic(`${set.rules.length} rules in ${Math.round(performance.now() - start)} ms`);
    assert.deepEqual(set.problems, []);
    assert.equal(set.rules.length, set.documents);
    assert.ok(set.rules.length > 3_700);
  },
);

type Mutation = (text: string, at: number) => string;

const MUTATIONS: readonly Mutation[] = [
  (text, at) => text.slice(0, at) + text.slice(at + 1 + (at % 7)),
  (text, at) => text.slice(0, at) + text.slice(at, at + 1 + (at % 40)) + text.slice(at),
  (text, at) =>
    `${text.slice(0, at)}${["|", ":", "'", "*", "\\", "\n", "- ", "(", "%", "|re: ", "|all: ", "{", "[", "&a ", "*a", "\t", "\0", "---\n"][at % 18] ?? ""}${text.slice(at)}`,
  (text, at) => {
    const lines = text.split("\n");
    lines.splice(
      at % lines.length,
      1,
      ...lines.slice((at * 7) % lines.length, ((at * 7) % lines.length) + 2),
    );
    return lines.join("\n");
  },
  (text, at) => text.slice(0, at),
];

test(
  "mutated rules of SigmaHQ do not make it throw or hang, and each problem has a place in the file",
  { skip: CORPUS ? false : "the rules of SigmaHQ are not here" },
  () => {
    const folder = join(CORPUS ?? "", "rules");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".yml"))
      .toSorted();
    const file = fc.nat(files.length - 1).map((n) => files[n] ?? "");
    const steps = fc.array(fc.tuple(fc.nat(MUTATIONS.length - 1), fc.nat(100_000)), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(file, steps, (name, mutations) => {
        let text = readFileSync(join(folder, name), "utf8");
        for (const [which, at] of mutations)
          text = MUTATIONS[which]?.(text, at % (text.length + 1)) ?? text;
        const start = performance.now();
        const { rules, problems } = readRuleTexts([{ name, text }]);
        assert.ok(performance.now() - start < 2_000, name);
        const lines = text.split("\n");
        for (const { line, column } of problems)
          assert.ok(
            column >= 1 && column <= (lines[line - 1]?.length ?? -1) + 1,
            `${name}:${line}:${column}`,
          );
        assert.ok(
          rules.length > 0 || problems.length > 0 || text.trim() === "" || !/\w/.test(text),
          name,
        );
      }),
      { numRuns: 1_500 },
    );
  },
);
