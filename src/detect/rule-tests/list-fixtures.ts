// Fixtures of rules: logs in a folder beside the rules' file, `resets.fixtures/many_resets.finds.txt` beside `resets.yml`.
import { readdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findRuleFiles } from "../sigma/rule-files.ts";
import { standAlone } from "../sigma/read-rules.ts";
import type { Rule, RuleSet } from "../sigma/rule.ts";

export const VERDICTS = ["finds", "misses"] as const;
export type Verdict = (typeof VERDICTS)[number];

export type Fixture = { readonly rule: Rule; readonly file: string; readonly expected: Verdict };

export type ListedFixtures = {
  readonly fixtures: readonly Fixture[];
  /** Files that are of no rule, with what to do. */
  readonly stray: readonly { readonly file: string; readonly message: string }[];
  /** Rules that give findings by themselves, with what no fixture shows of them. */
  readonly untested: readonly { readonly rule: Rule; readonly lacks: readonly Verdict[] }[];
};

/** Of the rules in files and folders, in the order of the fixtures' names. */
export async function listFixtures(
  set: RuleSet,
  paths: readonly string[],
): Promise<ListedFixtures> {
  const fixtures: Fixture[] = [];
  const stray: { file: string; message: string }[] = [];
  const { files } = await findRuleFiles(paths);
  for (const { file } of files) {
    const own = set.rules.filter(({ at }) => at.file === file);
    for (const fixture of await fixtureFiles(file)) {
      const read = readName(fixture, own);
      if ("message" in read) stray.push({ file: fixture, message: read.message });
      else fixtures.push(read);
    }
  }
  const untested = standAlone(set).flatMap((rule) => {
    const shown = fixtures.filter((one) => one.rule === rule).map(({ expected }) => expected);
    const lacks = VERDICTS.filter((verdict) => !shown.includes(verdict));
    return lacks.length === 0 ? [] : [{ rule, lacks }];
  });
  return { fixtures, stray, untested };
}

async function fixtureFiles(file: string): Promise<string[]> {
  const folder = file.replace(/\.ya?ml$/i, "") + ".fixtures";
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const root = dirname(await realpath(file));
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    // A rule pack of others must not have us read what is elsewhere.
    const real = await realpath(path).catch(() => "");
    if (!entry.name.startsWith(".") && !entry.isDirectory() && real.startsWith(root))
      found.push(path);
  }
  return found.toSorted();
}

function readName(file: string, rules: readonly Rule[]): Fixture | { readonly message: string } {
  const [of = "", verdict] = file.slice(file.lastIndexOf("/") + 1).split(".");
  const expected = VERDICTS.find((one) => one === verdict);
  if (expected === undefined)
    return { message: `what is expected of it is missing: ${of}.finds.… or ${of}.misses.…` };
  const rule = rules.find(({ id, name }) => name === of || id === of);
  if (rule === undefined)
    return {
      message: `no rule of the file beside it that can be used has the name or id ${of.slice(0, 60)}`,
    };
  return { rule, file, expected };
}
