// DOCX: the text, its headers, footers, notes and comments, what tracked changes deleted, what is hidden.
import { placeIn } from "../document.ts";
import { readOoxmlText } from "./ooxml-text.ts";
import { readOtherParts } from "./other-parts.ts";
import type { PackReader } from "./read-pack.ts";

const STORIES: readonly (readonly [RegExp, (number: string) => string])[] = [
  [/^word\/header(\d*)\.xml$/, (number) => `header ${number}`],
  [/^word\/footer(\d*)\.xml$/, (number) => `footer ${number}`],
  [/^word\/comments()\.xml$/, () => "comments"],
  [/^word\/footnotes()\.xml$/, () => "footnotes"],
  [/^word\/endnotes()\.xml$/, () => "endnotes"],
  [/^word\/glossary\/document()\.xml$/, () => "building blocks"],
];

export const readDocx: PackReader = async (pack, { at, walk }) => {
  const read = new Set(["word/document.xml"]);
  await readOoxmlText(pack, { name: "word/document.xml" }, { at, walk });
  for (const entry of pack.entries) {
    for (const [pattern, name] of STORIES) {
      const found = pattern.exec(entry.name);
      if (!found || entry.unread) continue;
      read.add(entry.name);
      await readOoxmlText(pack, entry, { at: placeIn(at, name(found[1] ?? "").trim()), walk });
    }
  }
  await readOtherParts(pack, read, { at, walk });
  return "DOCX";
};
