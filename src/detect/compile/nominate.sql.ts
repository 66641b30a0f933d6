// The first pass: which events have a sign of which rules, for all rules in one reading. Literals of a field are one multi-pattern search
// (Hyperscan), whole values and numbers one look-up in a hash table. It may name too many, never too few.
import { quote } from "../../db/click-bind.ts";
import { leafSql } from "./condition-sql.ts";
import type { Sign } from "./cover.ts";
import type { FieldReads, Slot } from "./field-reads.ts";
import { escapeRegex } from "./leaf-sql.ts";

/**
 * SQL, Array(UInt32) without repeats, over the columns of `reads`: which signs an event has, by their place in `signs` from 1. (Lists of rules
 * instead, looked up by sign, took 8 s for 16,000 events: ClickHouse copies such a table for each of them.)
 */
export function signsSeenSql(signs: readonly Sign[], reads: FieldReads): string {
  const sorted = sortSigns(signs, reads);
  const parts = [
    ...[...sorted.contains].flatMap(([text, found]) => containsSql(text, found)),
    ...[...sorted.equals].map(([slot, found]) => equalsSql(slot, found, reads)),
    ...[...sorted.numbers].map(([slot, found]) => numbersSql(slot, found, reads)),
    ...sorted.others,
  ];
  if (parts.length === 0) return "cast([] as Array(UInt32))";
  return `arrayFilter(i -> i > 0, arrayConcat(${parts.join(", ")}))`;
}

/** What is looked for → the number to be told. */
type Found = Map<string, number>;

type Sorted = {
  /** By the column that holds the text. */
  readonly contains: Map<string, Found>;
  readonly equals: Map<Slot, Found>;
  readonly numbers: Map<Slot, Found>;
  readonly others: string[];
};

function sortSigns(signs: readonly Sign[], reads: FieldReads): Sorted {
  const sorted: Sorted = { contains: new Map(), equals: new Map(), numbers: new Map(), others: [] };
  for (const [index, sign] of signs.entries()) {
    const id = index + 1;
    switch (sign.kind) {
      case "always":
        sorted.others.push(`[toUInt32(${id})]`);
        break;
      case "test":
        sorted.others.push(`[if(${leafSql(sign.leaf, reads)}, toUInt32(${id}), 0)]`);
        break;
      case "contains":
        add(sorted.contains, textOf(sign.field, reads), { key: sign.text, id });
        break;
      case "equals":
        // Several values of a field stand in one text, each in a line.
        if (sign.text.includes("\n"))
          add(sorted.contains, textOf(sign.field, reads), { key: sign.text, id });
        else add(sorted.equals, reads.slot(sign.field), { key: sign.text, id });
        break;
      case "number":
        add(sorted.numbers, reads.slot(sign.field), { key: `toFloat64(${sign.value})`, id });
        break;
    }
  }
  return sorted;
}

function textOf(field: string | undefined, reads: FieldReads): string | undefined {
  return field === undefined ? reads.keywords.folded : reads.slot(field)?.folded;
}

type Entry = { readonly key: string; readonly id: number };

function add<Key>(to: Map<Key, Found>, key: Key | undefined, entry: Entry): void {
  if (key === undefined) return; // no event has such a field
  const found = to.get(key) ?? new Map<string, number>();
  to.set(key, found.set(entry.key, entry.id));
}

/** Patterns of one search. */
const PATTERNS = 20_000;

// Nothing but literals: their search is compiled in milliseconds a thousand (0.14 s for 6,592; 1.2 s with `(?i)`), none is ever
// refused, and what Hyperscan and RE2 read differently does not occur.
function containsSql(text: string, found: Found): string[] {
  const entries = [...found];
  const searches: string[] = [];
  for (let from = 0; from < entries.length; from += PATTERNS) {
    const some = entries.slice(from, from + PATTERNS);
    const patterns = some.map(([literal]) => quote(escapeRegex(literal))).join(",");
    const ids = some.map(([, id]) => id).join(",");
    searches.push(
      `arrayMap(i -> transform(i, [${some.map((_, index) => index + 1).join(",")}], cast([${ids}] as Array(UInt32)), toUInt32(0)), multiMatchAllIndices(${text}, [${patterns}]))`,
    );
  }
  return searches;
}

type LookUp = {
  readonly slot: Slot;
  readonly found: Found;
  readonly reads: FieldReads;
};

function equalsSql(slot: Slot, found: Found, reads: FieldReads): string {
  const keys = [...found.keys()].map(quote).join(",");
  return lookUpSql({ slot, found, reads }, keys, (value) => value);
}

function numbersSql(slot: Slot, found: Found, reads: FieldReads): string {
  return lookUpSql({ slot, found, reads }, [...found.keys()].join(","), numberSql);
}

function numberSql(value: string): string {
  return `ifNull(toFloat64OrNull(${value}), nan)`;
}

// All values of a field stand in `folded`, each in a line. It is taken apart whether a record has arrays or not: below an `if` of ours, the one
// within `folded` is not short-circuited any more, and what only records with arrays need is computed for all (50 µs a record).
function lookUpSql(
  { slot, found, reads }: LookUp,
  keys: string,
  as: (value: string) => string,
): string {
  const ids = `cast([${[...found.values()].join(",")}] as Array(UInt32))`;
  const look = (value: string): string => `transform(${as(value)}, [${keys}], ${ids}, toUInt32(0))`;
  if (!slot.json || reads.odd === undefined) return `[${look(slot.folded)}]`;
  return `arrayMap(e -> ${look("e")}, splitByChar('\\n', ${slot.folded}))`;
}
