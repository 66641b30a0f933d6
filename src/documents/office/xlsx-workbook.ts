import { posix } from "node:path";
import { placeIn } from "../document.ts";
import type { Walk } from "../walk.ts";
import type { Pack } from "./pack.ts";
import { attribute, localName, xmlEvents } from "./xml-events.ts";

export type SheetEntry = {
  readonly name: string;
  readonly hidden: boolean;
  /** In the archive. */
  readonly path: string;
};

/** The sheets in their order; names that the workbook defines are text. */
export async function readSheetList(
  pack: Pack,
  { at, walk }: { readonly at: string; readonly walk: Walk },
): Promise<SheetEntry[]> {
  const targets = await relationsOf(pack, "xl/_rels/workbook.xml.rels", "xl/workbook.xml");
  const sheets: SheetEntry[] = [];
  const defined: string[] = [];
  let inName = false;
  await xmlEvents(await pack.read({ name: "xl/workbook.xml" }), {
    open: (name, attributes) => {
      inName = localName(name) === "definedName";
      if (inName) defined.push(`${attributes["name"] ?? ""} `);
      if (localName(name) !== "sheet") return;
      const path = targets.get(attribute(attributes, "id") ?? "");
      if (path !== undefined)
        sheets.push({
          name: attributes["name"] ?? "",
          hidden: /hidden/i.test(attributes["state"] ?? ""),
          path,
        });
    },
    text: (text) => {
      if (inName) defined.push(`${defined.pop() ?? ""}${text}`);
    },
    close: () => {
      inName = false;
    },
  });
  const into = walk.parts.text(placeIn(at, "defined names"), "entry");
  for (const [index, one] of defined.entries()) await into.add(index + 1, one);
  return withUnlisted(pack, sheets);
}

// A sheet that the workbook does not list is still in the file.
function withUnlisted(pack: Pack, sheets: readonly SheetEntry[]): SheetEntry[] {
  const listed = new Set(sheets.map(({ path }) => path));
  const others = pack.entries.filter(
    ({ name }) => /^xl\/worksheets\/[^/]+\.xml$/.test(name) && !listed.has(name),
  );
  return [
    ...sheets.filter(({ path }) => path.includes("sheets/")),
    ...others.map(({ name }) => ({ name: posix.basename(name), hidden: true, path: name })),
  ];
}

/** Id to path in the archive, of what is within it. */
export async function relationsOf(
  pack: Pack,
  rels: string,
  of: string,
): Promise<Map<string, string>> {
  const targets = new Map<string, string>();
  if (!pack.entries.some(({ name }) => name === rels)) return targets;
  await xmlEvents(await pack.read({ name: rels }), {
    open: (name, attributes) => {
      const target = attributes["Target"];
      if (localName(name) !== "Relationship" || target === undefined) return;
      if (attributes["TargetMode"] === "External") return;
      const path = target.startsWith("/")
        ? target.slice(1)
        : posix.normalize(posix.join(posix.dirname(of), target));
      targets.set(attributes["Id"] ?? "", path);
    },
  });
  return targets;
}
