// Rules that match one after the other. s(a, b, …) is the latest moment at which a chain of these rules, in this order, that has ended by now can
// have begun: the chain is in the window where that is. One running maximum a rule, over the rows as they are sorted.
import { sha256Hex } from "../../core/digest.ts";
import { choicesOf } from "../sigma/ordered-choices.ts";
import type { CorrelationRule } from "../sigma/rule.ts";
import { limitsSql, placeOf, spanOf, type Windows } from "./windows.sql.ts";

/** What may be found in a window, and what that is worth. Rules by their places, in the order of the rule. */
type Term = {
  readonly chain: readonly number[];
  readonly absent: readonly number[];
  readonly measure: number;
};

/** Keeps the result of a select in a table of these columns. */
export type Keep = (columns: string, select: string) => Promise<string>;

/**
 * With limits: how many of the rules, from the first on, came one after the other (or at once). With an expression: how many rules the largest of
 * its choices has that did, while none of the rules that it excludes is in the window.
 */
export async function temporalOrderedSql({ rule, rows }: Windows, keep: Keep): Promise<string> {
  const terms = rule.expression === undefined ? beginnings(rule) : choices(rule);
  const none = rule.expression === undefined ? 0 : -1;
  const longest = Math.max(0, ...terms.map(({ chain }) => chain.length));
  let level = startOf({ rule, rows }, { terms, none });
  for (let length = 1; length <= longest; length += 1) {
    // Each level holds a group's rows until all are read.
    if (length % LEVELS === 1 && length > 1) {
      const columns = level.columns.map((column) => `${column} ${TYPES[column] ?? "Int64"}`);
      const select = `select ${level.columns.join(", ")} from ${level.from}`;
      level = { ...level, from: await keep(`(${columns.join(", ")})`, select) };
    }
    level = nextLevel(level, { rule, terms, length });
  }
  const limits = rule.expression === undefined ? limitsSql(rule.conditions, "best") : "best >= 0";
  return `select g, t, toFloat64(best) as measure from ${level.from} where ${limits}`;
}

const NEVER = "toInt64(-9000000000000000000)";
/** Levels of one statement. */
const LEVELS = 4;
const TYPES: Readonly<Record<string, string>> = { g: "UInt64", r: "UInt8", best: "Int16" };

function beginnings(rule: CorrelationRule): Term[] {
  const places = rule.rules.map((_, index) => index + 1);
  return places.map((measure) => ({ chain: places.slice(0, measure), absent: [], measure }));
}

function choices(rule: CorrelationRule): Term[] {
  const found = rule.expression && choicesOf(rule.expression);
  if (found === undefined) throw new RangeError(`the condition of ${rule.id} has too many choices`);
  const placesIn = (ids: ReadonlySet<string>): number[] =>
    [...ids].map((id) => placeOf(rule, id)).toSorted((a, b) => a - b);
  return found.map(({ all, none }) => ({
    chain: placesIn(all),
    absent: placesIn(none),
    measure: all.size,
  }));
}

type Level = { readonly from: string; readonly columns: readonly string[] };

// A name of a column is a name of a file.
const columnOf = (chain: readonly number[]): string => `s_${sha256Hex(chain.join()).slice(0, 16)}`;
const absentOf = (place: number): string => `a_${place}`;

function lastOf(place: number, moment: string): string {
  return `max(if(r = ${place}, ${moment}, ${NEVER})) over (partition by g order by t)`;
}

/** When each rule that some term excludes has matched last, and the terms that ask for nothing else. */
function startOf(
  { rule, rows }: Windows,
  { terms, none }: { readonly terms: readonly Term[]; readonly none: number },
): Level {
  const excluded = [...new Set(terms.flatMap(({ absent }) => absent))];
  const absents = excluded.map((place) => `${lastOf(place, "t")} as ${absentOf(place)}`);
  const columns = ["g", "t", "r", ...excluded.map(absentOf)];
  const seen = `(select ${["g", "t", "r", ...absents].join(", ")} from ${rows})`;
  const best = bestSql(
    `toInt16(${none})`,
    terms.filter(({ chain }) => chain.length === 0),
    rule,
  );
  return {
    from: `(select ${columns.join(", ")}, ${best} as best from ${seen})`,
    columns: [...columns, "best"],
  };
}

type Step = {
  readonly rule: CorrelationRule;
  readonly terms: readonly Term[];
  readonly length: number;
};

/** With a column for each beginning, of this length, of a chain; those of the level before are used up. */
function nextLevel({ from, columns }: Level, { rule, terms, length }: Step): Level {
  const longer = terms.filter(({ chain }) => chain.length >= length);
  const made = new Map(
    longer.map(({ chain }) => [columnOf(chain.slice(0, length)), chain.slice(0, length)]),
  );
  const kept = columns.filter((column) => !column.startsWith("s_") && column !== "best");
  const running = [...made].map(([column, chain]) => {
    const begun = length === 1 ? "t" : columnOf(chain.slice(0, -1));
    return `${lastOf(chain[length - 1] ?? 0, begun)} as ${column}`;
  });
  const chained = `(select ${[...kept, "best", ...running].join(", ")} from ${from})`;
  const ended = terms.filter(({ chain }) => chain.length === length);
  const others = [...kept, ...made.keys()];
  return {
    from: `(select ${others.join(", ")}, ${bestSql("best", ended, rule)} as best from ${chained})`,
    columns: [...others, "best"],
  };
}

/** The best that was known, or what is better among the terms. */
function bestSql(known: string, terms: readonly Term[], rule: CorrelationRule): string {
  const since = `t - ${spanOf(rule)}`;
  const measures = terms.map(({ chain, absent, measure }) => {
    const holds = [
      ...(chain.length === 0 ? [] : [`${columnOf(chain)} >= ${since}`]),
      ...absent.map((place) => `${absentOf(place)} < ${since}`),
    ];
    return `toInt16(if(${holds.join(" and ") || "true"}, ${measure}, -1))`;
  });
  return measures.length === 0 ? known : `greatest(${[known, ...measures].join(", ")})`;
}
