// The regression data that comes with SigmaHQ's rules: recorded events, the rule that must find some of them, how many.
import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const Info = z.object({
  rule_metadata: z.array(z.object({ id: z.string() })).length(1),
  regression_tests_info: z
    .array(z.object({ path: z.string(), match_count: z.number().optional() }))
    .length(1),
});

export type RegressionCase = {
  readonly name: string;
  readonly ruleId: string;
  /** The rule's file, found by its id. */
  readonly ruleFile: string;
  /** Windows events as JSON, one or several documents. */
  readonly events: string;
  /** Undefined where it is not stated: then it finds some. */
  readonly expected: number | undefined;
};

/** `root` holds `regression_data` and the folders of rules. */
export function regressionCases(root: string): RegressionCase[] {
  const files = new Map(
    ruleFiles(root).map((file) => [/^id: *(\S+)/m.exec(readFileSync(file, "utf8"))?.[1], file]),
  );
  const infos = globSync("regression_data/**/info.yml", { cwd: root }).toSorted();
  return infos.map((info) => {
    const read = Info.parse(parse(readFileSync(join(root, info), "utf8")));
    const [rule] = read.rule_metadata;
    const [recorded] = read.regression_tests_info;
    const ruleFile = files.get(rule?.id);
    if (!rule || !recorded || ruleFile === undefined) throw new Error(`no rule for ${info}`);
    const events = join(root, dirname(info), `${basename(recorded.path, ".evtx")}.json`);
    return {
      name: dirname(info),
      ruleId: rule.id,
      ruleFile,
      events,
      expected: recorded.match_count,
    };
  });
}

export function ruleFiles(root: string): string[] {
  return globSync("rules*/**/*.yml", { cwd: root })
    .toSorted()
    .map((file) => join(root, file));
}
