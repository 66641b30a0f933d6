// The documents that are ZIP archives: Office Open XML (ECMA-376) and OpenDocument (ISO/IEC 26300).
import { placeIn } from "../document.ts";
import type { Walk } from "../walk.ts";
import type { Pack } from "./pack.ts";

export type PackReader = (
  pack: Pack,
  where: { readonly at: string; readonly walk: Walk },
) => Promise<string>;

const READERS = {
  xlsx: async () => (await import("./xlsx.ts")).readXlsx,
  docx: async () => (await import("./docx.ts")).readDocx,
  pptx: async () => (await import("./pptx.ts")).readPptx,
  ods: async () => (await import("./ods.ts")).readOds,
  odt: async () => (await import("./odt.ts")).readOdt,
} as const satisfies Record<string, () => Promise<PackReader>>;

export type PackKind = keyof typeof READERS;

const ODF: Readonly<Record<string, PackKind>> = {
  "application/vnd.oasis.opendocument.spreadsheet": "ods",
  "application/vnd.oasis.opendocument.text": "odt",
  "application/vnd.oasis.opendocument.presentation": "odt",
  "application/vnd.oasis.opendocument.graphics": "odt",
};

/** Undefined for an archive that is no document. */
export async function packKind(pack: Pack): Promise<PackKind | undefined> {
  const names = new Set(pack.entries.map(({ name }) => name));
  if (names.has("[Content_Types].xml")) {
    if (names.has("xl/workbook.xml")) return "xlsx";
    if (names.has("word/document.xml")) return "docx";
    if (names.has("ppt/presentation.xml")) return "pptx";
  }
  if (!names.has("mimetype") || !names.has("content.xml")) return undefined;
  let mime = "";
  for await (const chunk of await pack.read({ name: "mimetype" })) {
    mime += chunk.toString("latin1");
    if (mime.length > 200) break;
  }
  return ODF[mime.trim().replace(/-template$/, "")];
}

export async function readPack(
  kind: PackKind,
  pack: Pack,
  where: { readonly at: string; readonly walk: Walk },
): Promise<string> {
  const read: PackReader = await READERS[kind]();
  for (const entry of pack.entries)
    if (entry.unread)
      where.walk.parts.unread({ at: placeIn(where.at, entry.name), ...entry.unread });
  return await read(pack, where);
}
