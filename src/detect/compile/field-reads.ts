// How the fields that some rules ask for are read out of the events of one format: once each, however many rules ask.
import type { Format } from "../../logs/format.ts";
import { EVENT_COLUMNS, type ColumnKind, type EventColumn } from "../../logs/event-columns.ts";
import { quote } from "../../db/click-bind.ts";
import { locatedSql, type PlaceColumn } from "../../logs/places/places.sql.ts";
import { placesOf, type ReadPlace, type Taxonomy } from "./field-places.ts";
import { foldSql } from "./fold.ts";
import {
  arraysAnywhereSql,
  arraysOnTheWaySql,
  existsBehindArraysSql,
  valuesBehindArraysSql,
} from "./json-arrays.sql.ts";
import { type JsonPath, jsonTuple, type JsonTuple, keysSql, pathKey } from "./json-tuple.ts";

/** One field, by the names of columns that `FieldReads.from` makes. */
export type Slot = {
  /** The same for fields that stand in the same places. */
  readonly key: string;
  /** Is it read out of `raw`? Then it may have several values, and `odd` tells so. */
  readonly json: boolean;
  /** Nullable(String); of use where not `odd`. */
  readonly value: string;
  /** String: `value`, folded; where `odd`, all values, one a line. */
  readonly folded: string;
  /** Array(String): its values where `odd`. */
  readonly values: string;
  /** Bool, where `odd`: not there, or one of them null. */
  readonly none: string;
  /** SQL, Bool: is the field there, be it null? Where not `odd`, and where it is. */
  readonly exists: string;
  readonly existsOdd: string;
};

export type Keywords = {
  /** String: the record, folded, for signs without quotes, backslashes and control characters. */
  readonly folded: string;
  /** Array(String): the record's values as they were written and as they are meant; a text record is one. */
  readonly values: string;
};

export type FieldReads = {
  readonly slots: readonly Slot[];
  /** Undefined where no event of the format has such a field. */
  slot(field: string): Slot | undefined;
  readonly keywords: Keywords;
  /** A Bool column: the record has an array where fields are looked for. Undefined where no field is JSON. */
  readonly odd: string | undefined;
  /** SQL, Bool, over `raw`: may `odd` be true? */
  readonly suspect: string;
  /** Columns of `events` that the fields are read from. */
  readonly columns: ReadonlySet<string>;
  /** A subquery of `source` (a table with `columns` and `carry`, and its conditions) with `carry` and what the slots name. */
  from(source: string, carry: readonly string[]): string;
};

export type Asked = {
  readonly taxonomy: Taxonomy;
  readonly fields: ReadonlySet<string>;
  readonly keywords: boolean;
};

type Placed = { readonly slot: Slot; readonly places: readonly ReadPlace[] };

/** `arrays`: may records be `odd`? Where none can be `suspect`, what is made without is a fifth as long, and as quickly understood. */
export function fieldReads(format: Format, asked: Asked, arrays = true): FieldReads {
  const placed = new Map<string, Placed>();
  const slotOfField = new Map<string, Slot>();
  for (const field of asked.fields) {
    const places = placesOf(format, asked.taxonomy, field);
    if (places.length === 0) continue;
    const key = JSON.stringify(places);
    const one = placed.get(key) ?? {
      slot: slotOf(key, places, { index: placed.size, arrays }),
      places,
    };
    placed.set(key, one);
    slotOfField.set(field, one.slot);
  }
  const all = [...placed.values()];
  const paths = jsonPaths(all);
  const odd = arrays && paths.length > 0 ? "odd" : undefined;
  return {
    slots: all.map(({ slot }) => slot),
    slot: (field) => slotOfField.get(field),
    keywords: { folded: "kf", values: "kx" },
    odd,
    suspect: paths.length === 0 ? "false" : arraysAnywhereSql(paths),
    columns: columnsOf(all, paths.length > 0 || asked.keywords),
    from: (source, carry) =>
      layers({ all, paths, odd, keywords: asked.keywords ? format : undefined }, source, carry),
  };
}

function slotOf(
  key: string,
  places: readonly ReadPlace[],
  { index, arrays }: { readonly index: number; readonly arrays: boolean },
): Slot {
  const value = `v${index}`;
  return {
    key,
    json: arrays && places.some((place) => place.in === "json"),
    value,
    folded: `f${index}`,
    values: `x${index}`,
    none: `n${index}`,
    exists: `(${places.map((place) => existsSql(place, false)).join(" or ")})`,
    existsOdd: `(${places.map((place) => existsSql(place, true)).join(" or ")})`,
  };
}

function jsonPaths(all: readonly Placed[]): readonly JsonPath[] {
  const paths = all.flatMap(({ places }) =>
    places.flatMap((place) => (place.in === "json" ? [place.path] : [])),
  );
  return [...new Map(paths.map((path) => [pathKey(path), path])).values()];
}

function columnsOf(all: readonly Placed[], raw: boolean): ReadonlySet<string> {
  const columns = new Set<string>(raw ? ["raw"] : []);
  for (const place of all.flatMap(({ places }) => places)) {
    if (place.in === "fields") columns.add("fields");
    if (place.in === "place") columns.add(ADDRESS);
    if (place.in === "column") columns.add(place.column);
    if (place.in === "column" && place.column === "time") columns.add("time_known");
  }
  return columns;
}

const ADDRESS = "src_endpoint_ip";

function toldOfPlaces(all: readonly Placed[]): PlaceColumn[] {
  const told = all.flatMap(({ places }) =>
    places.flatMap((place) => (place.in === "place" ? [place.column] : [])),
  );
  return [...new Set(told)];
}

type Layers = {
  readonly all: readonly Placed[];
  readonly paths: readonly JsonPath[];
  readonly odd: string | undefined;
  readonly keywords: Format | undefined;
};

// Each layer is computed from the one below it; what nothing asks for is not computed.
function layers(of: Layers, source: string, carry: readonly string[]): string {
  const tuple = jsonTuple(of.paths);
  const columns = [
    ...new Set([...carry, ...columnsOf(of.all, of.paths.length > 0 || of.keywords !== undefined)]),
  ];
  const wanted = toldOfPlaces(of.all);
  const given = [...columns, ...wanted];
  const located =
    wanted.length === 0 ? source : locatedSql({ source, columns, address: ADDRESS, wanted });
  const parsed =
    tuple.sql === undefined
      ? located
      : `(select ${[...given, `${tuple.sql} as j`].join(", ")} from ${located})`;
  const values = of.all.map(({ slot, places }) => `${firstThere(places, tuple)} as ${slot.value}`);
  const odd =
    of.odd === undefined
      ? []
      : [`${arraysOnTheWaySql(of.paths, (path) => tuple.value(path, "j"))} as odd`];
  const words = of.keywords === undefined ? [] : [`${recordValuesSql(of.keywords)} as kx`];
  const read = `(select ${[...given, ...values, ...odd, ...words].join(", ")} from ${parsed})`;
  const spread = of.all
    .filter(({ slot }) => slot.json)
    .map(({ slot, places }) => `if(odd, ${allValuesSql(places)}, []) as a${slot.value}`);
  const behind =
    spread.length === 0
      ? read
      : `(select ${[...given, ...names(of), ...spread].join(", ")} from ${read})`;
  const folded = of.all.flatMap(({ slot }) => slotColumns(slot));
  const record = of.keywords === undefined ? [] : [`${foldSql(recordTextSql(of.keywords))} as kf`];
  return `(select ${[...given, ...names(of), ...folded, ...record].join(", ")} from ${behind})`;
}

function names({ all, odd, keywords }: Layers): string[] {
  return [
    ...all.map(({ slot }) => slot.value),
    ...(odd === undefined ? [] : [odd]),
    ...(keywords === undefined ? [] : ["kx"]),
  ];
}

function slotColumns(slot: Slot): string[] {
  const single = foldSql(`ifNull(${slot.value}, '')`);
  if (!slot.json) return [`${single} as ${slot.folded}`];
  const there = `arrayMap(y -> assumeNotNull(y), arrayFilter(y -> isNotNull(y), a${slot.value}))`;
  return [
    `if(odd, ${foldSql(`arrayStringConcat(${there}, '\\n')`)}, ${single}) as ${slot.folded}`,
    `${there} as ${slot.values}`,
    `(empty(a${slot.value}) or arrayExists(y -> isNull(y), a${slot.value})) as ${slot.none}`,
  ];
}

function firstThere(places: readonly ReadPlace[], tuple: JsonTuple): string {
  const values = places.map((place) =>
    place.in === "json" ? tuple.value(place.path, "j") : singleSql(place),
  );
  return values.length === 1 ? (values[0] ?? "null") : `coalesce(${values.join(", ")})`;
}

function allValuesSql(places: readonly ReadPlace[]): string {
  const arrays = places.map((place) =>
    place.in === "json"
      ? valuesBehindArraysSql(place.path)
      : `arrayFilter(y -> isNotNull(y), [cast(${singleSql(place)} as Nullable(String))])`,
  );
  if (arrays.length === 1) return arrays[0] ?? "[]";
  const first = arrays.flatMap((array) => [`arrayExists(y -> isNotNull(y), ${array})`, array]);
  return `multiIf(${first.join(", ")}, arrayConcat(${arrays.join(", ")}))`;
}

type Single = Exclude<ReadPlace, { in: "json" }>;

// Nullable(String). What a column or the map does not hold, the record did not tell.
function singleSql(place: Single): string {
  if (place.in === "fields")
    return `if(mapContains(fields, ${quote(place.key)}), fields[${quote(place.key)}], null)`;
  if (place.in === "place")
    return place.column === "as_number"
      ? COLUMN_VALUE.number(place.column)
      : COLUMN_VALUE.text(place.column);
  return COLUMN_VALUE[kindOf(place.column)](place.column);
}

const COLUMN_VALUE = {
  text: (column) => `nullIf(${column}, '')`,
  number: (column) => `if(${column} = 0, null, toString(${column}))`,
  flag: (column) => `toString(${column})`,
  time: (column) => `if(time_known, concat(replaceOne(toString(${column}), ' ', 'T'), 'Z'), null)`,
} as const satisfies Record<ColumnKind, (column: string) => string>;

function kindOf(column: EventColumn): ColumnKind {
  return Object.values(EVENT_COLUMNS).find((one) => one.column === column)?.kind ?? "text";
}

function existsSql(place: ReadPlace, odd: boolean): string {
  if (place.in !== "json") return `isNotNull(${singleSql(place)})`;
  return odd ? existsBehindArraysSql(place.path) : `JSONHas(raw, ${keysSql(place.path)})`;
}

// A string before a colon is a key.
const TOKENS = String.raw`"(?:[^"\\]|\\[\s\S])*"(?:\s*:)?|[^\s\[\]{},:"]+`;

function recordValuesSql(format: Format): string {
  if (!format.json) return "[raw]";
  const written = `arrayFilter(t -> not endsWith(t, ':'), extractAll(raw, ${quote(TOKENS)}))`;
  return `arrayDistinct(arrayFlatten(arrayMap(t -> if(startsWith(t, '"'), [JSONExtractString(t), substring(t, 2, length(t) - 2)], [t]), ${written})))`;
}

// Signs of keywords hold no character that JSON must escape; so only what may be escaped is to be looked at (`\/`, `\u0041`).
function recordTextSql(format: Format): string {
  if (!format.json) return "raw";
  const escaped = `(position(raw, '\\\\/') > 0 or (position(raw, '\\\\u') > 0 and match(raw, ${quote(String.raw`\\u[0-9A-Fa-f]{4}`)})))`;
  return `if(${escaped}, concat(raw, '\\n', arrayStringConcat(kx, '\\n')), raw)`;
}
