// Which data category each column of a dump holds: by its name, by what stands in it, and by what incident.yaml says.
import { CATEGORY_KEYS, type CategoryKey, columnWords, factsOf } from "../core/categories.ts";
import type { RegistrySource } from "../config/registry-schema.ts";
import { TocsinError } from "../core/errors.ts";
import type { DumpTable } from "../evidence/dump/dump.ts";
import { type Content, contentOf } from "./column-content.ts";

export type RecognisedColumn = {
  readonly column: string;
  /** Undefined where nothing was recognised: such a column exposes nothing until incident.yaml names it. */
  readonly category: string | undefined;
  readonly how:
    | "named in incident.yaml"
    | "registry"
    | "name and content"
    | "name"
    | "content"
    | "nothing";
  /** Other categories that fit as well. The most telling one was taken. */
  readonly also: readonly string[];
};

export type Corrections = Readonly<Record<string, string>>;

export type RecogniseInput = {
  readonly table: DumpTable;
  /** `columns:` of the evidence. */
  readonly corrections: Corrections;
  readonly registries: readonly RegistrySource[];
};

export const IGNORED = "ignore";

export function recogniseColumns({
  table,
  corrections,
  registries,
}: RecogniseInput): RecognisedColumn[] {
  return table.columns.map((column, at) => {
    const corrected = corrections[labelOf(table, column)] ?? corrections[column];
    if (corrected === IGNORED)
      return { column, category: undefined, how: "named in incident.yaml", also: [] };
    if (corrected !== undefined)
      return { column, category: corrected, how: "named in incident.yaml", also: [] };
    const content = contentOf(
      table.sample.map((row) => row[at] ?? ""),
      { named: !/^column_\d+$/.test(column) },
    );
    return recognise(column, content, namesOf(column, registries));
  });
}

/** @throws TocsinError `invalid` for a correction of a column that the dump does not have */
export function checkCorrections(
  tables: readonly DumpTable[],
  corrections: Corrections,
  evidence: string,
): void {
  const known = new Set(
    tables.flatMap((table) => table.columns.flatMap((column) => [column, labelOf(table, column)])),
  );
  const unknown = Object.keys(corrections).filter((column) => !known.has(column));
  if (unknown.length === 0) return;
  const at = `evidence.${evidence}.columns`;
  throw new TocsinError(
    "invalid",
    `${at}: the dump has no column ${unknown.join(", ")}; it has ${[...known].join(", ")}`,
    {
      problems: unknown.map((column) => ({
        at: `${at}.${column}`,
        message: "the dump has no such column",
      })),
    },
  );
}

/** In a SQL dump `table.column`. */
export function labelOf(table: DumpTable, column: string): string {
  return table.name === "" ? column : `${table.name}.${column}`;
}

type Named = { readonly categories: readonly string[]; readonly how: "registry" | "name" };

function namesOf(column: string, registries: readonly RegistrySource[]): Named {
  // Within JSON, `secret.password` is a password wherever it stands.
  const words = [columnWords(column), columnWords(column.slice(column.lastIndexOf(".") + 1))];
  const registered = registries.flatMap(({ key, identifiers }) => [
    ...(key === column ? ["user.unique_id"] : []),
    ...(identifiers.email === column ? ["user.contact.email"] : []),
    ...(identifiers.username === column ? ["user.account.username"] : []),
    ...(identifiers.phone === column ? ["user.contact.phone_number"] : []),
  ]);
  if (registered.length > 0) return { categories: [...new Set(registered)], how: "registry" };
  return {
    categories: CATEGORY_KEYS.filter((key) => words.some((name) => patternOf(key)?.test(name))),
    how: "name",
  };
}

function patternOf(key: CategoryKey): RegExp | undefined {
  return factsOf(key)?.columns;
}

function recognise(column: string, content: Content, named: Named): RecognisedColumn {
  const contradicted = named.categories.filter((category) => !content.refutes.includes(category));
  const byContent = content.categories.filter(
    ({ category, sure }) => sure || contradicted.includes(category),
  );
  const all = ranked([...contradicted, ...byContent.map((one) => one.category)]);
  const [category, ...also] = all;
  if (category === undefined) return { column, category: undefined, how: "nothing", also: [] };
  const inName = contradicted.includes(category);
  const inContent = byContent.some((one) => one.category === category);
  const how =
    named.how === "registry" && inName
      ? "registry"
      : inName && inContent
        ? "name and content"
        : inName
          ? "name"
          : "content";
  return { column, category, how, also };
}

function ranked(categories: readonly string[]): string[] {
  return [...new Set(categories)].toSorted((a, b) => weightOf(b) - weightOf(a));
}

function weightOf(category: string): number {
  return factsOf(category)?.weight ?? 0;
}
