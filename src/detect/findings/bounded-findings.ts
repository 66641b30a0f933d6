import { joinFindings } from "./join-findings.ts";
import type { Found } from "./store-findings.ts";

/** Findings of one rule at once. A rule that hits everybody is one finding more, of nobody in particular. */
const MOST_A_RULE = 1_000;

export type BoundedFindings = { add(findings: readonly Found[]): void; all(): Found[] };

/** Holds what is found in one round, whatever a hostile sender or a bad rule makes of it. Nothing is lost from the counts. */
export function boundedFindings(most = MOST_A_RULE): BoundedFindings {
  const byRule = new Map<string, { kept: Found[]; others: Found | undefined }>();
  return {
    add: (findings) => {
      for (const finding of findings) {
        const held = byRule.get(finding.rule.id) ?? { kept: [], others: undefined };
        byRule.set(finding.rule.id, held);
        if (held.kept.length < most) held.kept.push(finding);
        else held.others = withOther(held.others, finding);
      }
    },
    all: () =>
      [...byRule.values()].flatMap(({ kept, others }) => (others ? [...kept, others] : kept)),
  };
}

function withOther(others: Found | undefined, finding: Found): Found {
  const nobody = { ...finding, entities: [] };
  return others === undefined ? nobody : { ...joinFindings(others, nobody), uid: others.uid };
}
