// Rules that ClickHouse could not run are found here, one by one, so that none of them stops the others later.
import { z } from "zod";
import { quote } from "../../db/click-bind.ts";
import type { Click } from "../../db/click.ts";
import {
  ANY,
  type Condition,
  type DetectionRule,
  type Leaf,
  type RuleProblem,
} from "../sigma/rule.ts";
import { cidrRange } from "./cidr-sql.ts";
import { keywordTest } from "./condition-sql.ts";
import { mergeParts, needsRegex, patternRegex, regexSource } from "./leaf-sql.ts";

export type CheckedRules = {
  readonly rules: readonly DetectionRule[];
  readonly problems: readonly RuleProblem[];
};

/** Deeper conditions are refused: ClickHouse reads statements to a depth of 1,000. */
const DEEPEST = 100;

/** What ClickHouse can run, and what it cannot, with the reason. Each different regular expression is compiled once. */
export async function checkRules(
  click: Click,
  rules: readonly DetectionRule[],
): Promise<CheckedRules> {
  const checked = rules.map((rule) => ({ rule, leaves: leavesOf(rule.condition) }));
  const patterns = new Set(checked.flatMap(({ leaves }) => leaves?.flatMap(leafRegexes) ?? []));
  const refused = await refusedRegexes(click, [...patterns]);
  const problems = checked.flatMap(({ rule, leaves }) => {
    const message =
      leaves === undefined
        ? "the condition is nested too deep: write it flatter"
        : problemOf(leaves, refused);
    return message === undefined ? [] : [{ rule, message }];
  });
  const out = new Set(problems.map(({ rule }) => rule));
  return {
    rules: rules.filter((rule) => !out.has(rule)),
    problems: problems.map(({ rule, message }) => ({ ...rule.at, message, severity: "error" })),
  };
}

/** Every leaf; undefined where the condition is too deep. */
export function leavesOf(condition: Condition, depth = 0): readonly Leaf[] | undefined {
  if (depth > DEEPEST) return undefined;
  if ("leaf" in condition) return [condition.leaf];
  const parts =
    "not" in condition ? [condition.not] : "and" in condition ? condition.and : condition.or;
  const found: Leaf[] = [];
  for (const part of parts) {
    const leaves = leavesOf(part, depth + 1);
    if (leaves === undefined) return undefined;
    for (const leaf of leaves) found.push(leaf);
  }
  return found;
}

function problemOf(
  leaves: readonly Leaf[],
  refused: ReadonlyMap<string, string>,
): string | undefined {
  for (const leaf of leaves) {
    const { field, test } = leaf;
    if (field === undefined && keywordTest(test) === undefined)
      return `a keyword cannot be tested with ${test.kind}: name a field`;
    if (test.kind === "cidr" && cidrRange(test.range) === undefined)
      return `${test.range} is no range of addresses: write it as 192.0.2.0/24`;
    const reason = leafRegexes(leaf)
      .map((regex) => refused.get(regex))
      .find((one) => one !== undefined);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

// Of a text pattern only what is run as one.
function leafRegexes({ field, test }: Leaf): readonly string[] {
  if (test.kind === "regex") return [regexSource(test.source, test.flags)];
  if (test.kind !== "text") return [];
  const parts = mergeParts(
    field === undefined ? [ANY, ...test.pattern.parts, ANY] : test.pattern.parts,
  );
  return needsRegex(parts, test.pattern.cased) ? [patternRegex(parts, test.pattern.cased)] : [];
}

async function refusedRegexes(
  click: Click,
  regexes: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const refused = new Map<string, string>();
  const check = async (some: readonly string[]): Promise<void> => {
    const message = await compileAll(click, some);
    if (message === undefined) return;
    const [one] = some;
    if (some.length === 1 && one !== undefined) {
      refused.set(one, message);
      return;
    }
    const half = some.length >> 1;
    await check(some.slice(0, half));
    await check(some.slice(half));
  };
  for (let from = 0; from < regexes.length; from += 200)
    await check(regexes.slice(from, from + 200));
  return refused;
}

async function compileAll(click: Click, regexes: readonly string[]): Promise<string | undefined> {
  if (regexes.length === 0) return undefined;
  try {
    await click.query(
      z.object({}),
      `select ${regexes.map((regex, index) => `match('', ${quote(regex)}) as m${index}`).join(", ")}`,
    );
    return undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const reason = /error: (.*?)\. (?:Look at|Please)/.exec(error.message)?.[1];
    return `the regular expression is none that runs in linear time (RE2)${reason === undefined ? "" : `: ${reason}`}`;
  }
}

// src/Common/ErrorCodes.cpp of ClickHouse
const CANNOT_COMPILE_REGEXP = "427";

function isRefusal(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code) === CANNOT_COMPILE_REGEXP;
}
