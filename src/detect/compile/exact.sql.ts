// Which rules hold exactly, many in one statement: they share one reading of the fields.
import { asked, type RuleGroup } from "./compile-rules.ts";
import { conditionSql } from "./condition-sql.ts";
import { type FieldReads, fieldReads } from "./field-reads.ts";
import { type Hits, hits } from "./nominate.sql.ts";

/** A rule of a group, by its place there. */
export type Candidate = {
  readonly id: number;
  /** Where an event has none of these signs, the rule does not hold and its condition is not looked at. */
  readonly signs?: readonly number[];
};

/** Which rules hold, by their place in the group from 1, over the columns of `reads` (and `seen`, where rules have signs). */
export function ruleHits(
  { rules }: RuleGroup,
  some: readonly Candidate[],
  reads: FieldReads,
): Hits {
  const columns = some.map(({ id, signs }) => {
    const condition = rules[id] === undefined ? "false" : conditionSql(rules[id].condition, reads);
    const nominated =
      signs === undefined
        ? ""
        : `hasAny(seen, [${signs.map((sign) => `toUInt32(${sign})`).join(", ")}]) and `;
    return { sql: `if(${nominated}${condition}, toUInt32(${id + 1}), 0)` };
  });
  return hits(columns, "r");
}

/** Of a statement: to understand one takes 0.5 ms and 0.4 MB a kilobyte. */
const MOST_CHARACTERS = 30_000;

/** The same rules in as many statements as they need. */
export function inStatements(
  group: RuleGroup,
  all: readonly Candidate[],
  arrays: boolean,
): readonly (readonly Candidate[])[] {
  const reads = fieldReads(
    group.format,
    asked(
      group.taxonomy,
      all.flatMap(({ id }) => group.rules[id] ?? []),
    ),
    arrays,
  );
  const statements: Candidate[][] = [];
  let length = Infinity;
  for (const one of all) {
    const own = ruleHits(group, [one], reads).columns.join().length;
    if (length + own > MOST_CHARACTERS) {
      statements.push([]);
      length = 0;
    }
    statements.at(-1)?.push(one);
    length += own;
  }
  return statements;
}
