// The first pass: which events have a sign of which rules, for all rules in one reading. Literals of a field are one multi-pattern search
// (Hyperscan), whole values and numbers one look-up in a hash table. It may name too many, never too few.
import { quote } from "../../db/click-bind.ts";
import { leafSql } from "./condition-sql.ts";
import type { Sign } from "./cover.ts";
import type { FieldReads, Slot } from "./field-reads.ts";
import { escapeRegex } from "./leaf-sql.ts";

/**
 * What is looked for in every event, as columns, so that lists are made of the few events alone in which something is: to make them of all
 * cost more than all searches together.
 */
export type Hits = {
  /** SQL, `… as name`, each. */
  readonly columns: readonly string[];
  /** SQL, Bool, over the columns: is there any? */
  readonly any: string;
  /** SQL, Array(UInt32), over the columns: the numbers of what is there, from 1. */
  readonly ids: string;
};

export function hits(columns: readonly HitColumn[], prefix: string): Hits {
  const named = columns.map((column, index) => ({ ...column, name: `${prefix}${index}` }));
  const single = named.filter(({ ids }) => ids === undefined);
  const lists = named.flatMap(({ name, ids }) => (ids === undefined ? [] : [ids(name)]));
  if (single.length > 0) lists.push(`[${single.map(({ name }) => name).join(", ")}]`);
  if (lists.length === 0) return { columns: [], any: "false", ids: "cast([] as Array(UInt32))" };
  // A sum, not `or`: that looks at each column only for the events in which nothing was before, which costs more than it spares.
  const some = named.map(({ name, ids }) => (ids === undefined ? name : `length(${name})`));
  return {
    columns: named.map(({ sql, name }) => `${sql} as ${name}`),
    any: `(${some.join(" + ")} > 0)`,
    ids: `arrayFilter(i -> i > 0, arrayConcat(${lists.join(", ")}))`,
  };
}

export type HitColumn = {
  /** UInt32, 0 for nothing; or a list, then `ids` is told its name and makes an Array(UInt32) of it. */
  readonly sql: string;
  readonly ids?: (name: string) => string;
};

/** Which signs an event has, by their place in `signs` from 1, over the columns of `reads`. */
export function signHits(signs: readonly Sign[], reads: FieldReads): Hits {
  const sorted = sortSigns(signs, reads);
  const columns = [
    ...searches(sorted.contains, reads).flatMap(containsHits),
    ...[...sorted.equals].map(([slot, found]) => equalsHits(slot, found, reads)),
    ...[...sorted.numbers].map(([slot, found]) => numbersHits(slot, found, reads)),
    ...sorted.others.map((sql) => ({ sql })),
  ];
  return hits(columns, "s");
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
        sorted.others.push(`toUInt32(${id})`);
        break;
      case "test":
        sorted.others.push(`if(${leafSql(sign.leaf, reads)}, toUInt32(${id}), 0)`);
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

type Search = { readonly text: string; readonly wanted: readonly Entry[] };

/**
 * Fields with many literals have a search each, the others one together, in a line each: it may find in one what is wanted of another. (ClickHouse
 * keeps compiled searches in 500 places, by their hash: two in one place are compiled again and again, for each 8,192 events.)
 */
function searches(contains: ReadonlyMap<string, Found>, reads: FieldReads): Search[] {
  const all = [...contains].map(([text, found]) => ({
    text,
    wanted: [...found].map(([key, id]) => ({ key, id })),
  }));
  const own = all.filter(
    ({ text, wanted }) => wanted.length > MANY || text === reads.keywords.folded,
  );
  const rest = all.filter((one) => !own.includes(one));
  if (rest.length === 0) return own;
  const text =
    rest.length === 1
      ? (rest[0]?.text ?? "")
      : `concat(${rest.map((one) => one.text).join(", '\\n', ")})`;
  return [...own, { text, wanted: rest.flatMap((one) => one.wanted) }];
}

const MANY = 2_000;

// Nothing but literals: their search is compiled in milliseconds a thousand (0.14 s for 6,592; 1.2 s with `(?i)`), none is ever
// refused, and what Hyperscan and RE2 read differently does not occur.
function containsHits({ text, wanted }: Search): HitColumn[] {
  return chunked(wanted, PATTERNS).map((some) => ({
    sql: `multiMatchAllIndices(${text}, [${some.map(({ key }) => quote(escapeRegex(key))).join(",")}])`,
    ids: (name) =>
      `arrayMap(i -> transform(i, [${some.map((_, index) => index + 1).join(",")}], cast([${some.map(({ id }) => id).join(",")}] as Array(UInt32)), toUInt32(0)), ${name})`,
  }));
}

function chunked<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

type LookUp = {
  readonly slot: Slot;
  readonly found: Found;
  readonly reads: FieldReads;
};

function equalsHits(slot: Slot, found: Found, reads: FieldReads): HitColumn {
  const keys = [...found.keys()].map(quote).join(",");
  return lookUp({ slot, found, reads }, keys, (value) => value);
}

function numbersHits(slot: Slot, found: Found, reads: FieldReads): HitColumn {
  return lookUp({ slot, found, reads }, [...found.keys()].join(","), numberSql);
}

function numberSql(value: string): string {
  return `ifNull(toFloat64OrNull(${value}), nan)`;
}

// All values of a field stand in `folded`, each in a line. It is taken apart whether a record has arrays or not: below an `if` of ours, the one
// within `folded` is not short-circuited any more, and what only records with arrays need is computed for all (50 µs a record).
function lookUp(
  { slot, found, reads }: LookUp,
  keys: string,
  as: (value: string) => string,
): HitColumn {
  const ids = `cast([${[...found.values()].join(",")}] as Array(UInt32))`;
  const look = (value: string): string => `transform(${as(value)}, [${keys}], ${ids}, toUInt32(0))`;
  if (!slot.json || reads.odd === undefined) return { sql: look(slot.folded) };
  return {
    sql: `arrayFilter(i -> i > 0, arrayMap(e -> ${look("e")}, splitByChar('\\n', ${slot.folded})))`,
    ids: (name) => name,
  };
}
