// XLSX (ECMA-376, part 1, 18), streamed: sheets however hidden, their comments, formulas, headers, and strings that no cell
// shows any more.
import { placeIn } from "../document.ts";
import { readOtherParts } from "./other-parts.ts";
import type { Pack } from "./pack.ts";
import type { PackReader } from "./read-pack.ts";
import { readComments } from "./xlsx-comments.ts";
import { readSheet } from "./xlsx-sheet.ts";
import { readDateStyles, readStrings, type SharedStrings } from "./xlsx-strings.ts";
import { readSheetList, relationsOf, type SheetEntry } from "./xlsx-workbook.ts";

export const readXlsx: PackReader = async (pack, { at, walk }) => {
  const read = new Set<string>(["xl/workbook.xml", "xl/_rels/workbook.xml.rels"]);
  const names = new Set(pack.entries.map(({ name }) => name));
  const strings = await optional(
    names,
    read,
    "xl/sharedStrings.xml",
    async (name) => await readStrings(pack, name),
  );
  const dates = await optional(
    names,
    read,
    "xl/styles.xml",
    async (name) => await readDateStyles(pack, name),
  );
  for (const sheet of await readSheetList(pack, { at, walk })) {
    if (!names.has(sheet.path)) continue;
    read.add(sheet.path);
    const place = placeIn(at, `sheet "${sheet.name}"${sheet.hidden ? " (hidden)" : ""}`);
    await readSheet(pack, {
      sheet,
      at: place,
      walk,
      strings: strings ?? NO_STRINGS,
      dates: dates ?? new Set(),
    });
    for (const path of await commentsOf(pack, sheet, names)) {
      read.add(path);
      await readComments(pack, path, { at: place, walk });
    }
  }
  if (strings) await readUnused(strings, placeIn(at, "strings that no cell shows"), walk.parts);
  await readOtherParts(pack, read, { at, walk });
  return "XLSX";
};

const NO_STRINGS: SharedStrings = { at: () => "", unused: () => [] };

async function optional<Result>(
  names: ReadonlySet<string>,
  read: Set<string>,
  ...[name, use]: [string, (name: string) => Promise<Result>]
): Promise<Result | undefined> {
  if (!names.has(name)) return undefined;
  read.add(name);
  return await use(name);
}

async function commentsOf(
  pack: Pack,
  sheet: SheetEntry,
  names: ReadonlySet<string>,
): Promise<string[]> {
  const rels = sheet.path.replace(/([^/]+)$/, "_rels/$1.rels");
  if (!names.has(rels)) return [];
  const targets = await relationsOf(pack, rels, sheet.path);
  return [...targets.values()].filter((path) => /comments/i.test(path) && names.has(path));
}

async function readUnused(
  strings: SharedStrings,
  at: string,
  parts: Parameters<PackReader>[1]["walk"]["parts"],
): Promise<void> {
  const text = parts.text(at, "entry");
  let number = 0;
  for (const one of strings.unused()) {
    number += 1;
    await text.add(number, one);
  }
}
