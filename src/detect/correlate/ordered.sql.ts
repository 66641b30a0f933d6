// Rules that match one after the other. s(a, b, …) is the latest moment at which a chain of these rules, in this order, that has ended by now can
// have begun: the chain is in the window where that is. One running maximum a rule, over the rows as they are sorted.
import { type Choice, choicesOf } from "../sigma/ordered-choices.ts";
import { limitsSql, placeOf, spanOf, type Windows } from "./windows.sql.ts";

const NEVER = "toInt64(-9000000000000000000)";

/** Places of rules, in the order of the rule. */
type Chain = readonly number[];

/**
 * With limits: how many of the rules, from the first on, came one after the other (or at once). With an expression: whether one of its choices
 * did, and none of the rules that it excludes is in the window.
 */
export function temporalOrderedSql({ rule, rows }: Windows): string {
  const all = rule.rules.map((_, index) => index + 1);
  const inWindow = (chain: Chain): string => `${columnOf(chain)} >= t - ${spanOf(rule)}`;
  if (rule.expression === undefined) {
    const measure = `(${all.map((place) => `(${inWindow(all.slice(0, place))})`).join(" + ")})`;
    return momentsOf(chainsSql([all], rows), measure, limitsSql(rule.conditions, measure));
  }
  const choices = choicesOf(rule.expression);
  if (choices === undefined)
    throw new RangeError(`the condition of ${rule.id} has too many choices`);
  const chains = choices.map((choice) => ({
    chain: placesIn(choice.all),
    absent: placesIn(choice.none).map((place) => [place]),
  }));
  const terms = chains.map(({ chain, absent }) => {
    const holds = [
      ...(chain.length === 0 ? [] : [inWindow(chain)]),
      ...absent.map((one) => `not ${inWindow(one)}`),
    ];
    return `if(${holds.join(" and ") || "true"}, ${chain.length}, -1)`;
  });
  const measure = `arrayMax([${["-1", ...terms].join(", ")}])`;
  const from = chainsSql(
    chains.flatMap(({ chain, absent }) => [chain, ...absent]),
    rows,
  );
  return momentsOf(from, measure, `${measure} >= 0`);

  function placesIn(ids: Choice["all"]): number[] {
    return [...ids].map((id) => placeOf(rule, id)).toSorted((a, b) => a - b);
  }
}

function momentsOf(from: string, measure: string, where: string): string {
  return `select g, t, toFloat64(any(${measure})) as measure from ${from} where ${where} group by g, t
    settings max_subquery_depth = 1000`;
}

function columnOf(chain: Chain): string {
  return `s_${chain.join("_")}`;
}

/** Rows with a column for each beginning of each chain: the longer ones are made from the shorter ones. */
function chainsSql(chains: readonly Chain[], rows: string): string {
  const longest = Math.max(0, ...chains.map(({ length }) => length));
  let from = rows;
  const known: string[] = [];
  for (let length = 1; length <= longest; length += 1) {
    const made = new Map<string, Chain>();
    for (const chain of chains)
      if (chain.length >= length)
        made.set(columnOf(chain.slice(0, length)), chain.slice(0, length));
    const columns = [...made].map(([column, chain]) => {
      const begun = length === 1 ? "t" : columnOf(chain.slice(0, -1));
      return `max(if(r = ${chain.at(-1)}, ${begun}, ${NEVER})) over (partition by g order by t) as ${column}`;
    });
    from = `(select ${["g", "t", "r", ...known, ...columns].join(", ")} from ${from})`;
    known.push(...made.keys());
  }
  return from;
}
