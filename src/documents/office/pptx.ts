// PPTX: slides, those that are not shown too, and the notes that only the speaker sees.
import { placeIn } from "../document.ts";
import { readOoxmlText } from "./ooxml-text.ts";
import { readOtherParts } from "./other-parts.ts";
import type { Pack, PackEntry } from "./pack.ts";
import type { PackReader } from "./read-pack.ts";
import { localName, xmlEvents } from "./xml-events.ts";

const PARTS: readonly (readonly [RegExp, string])[] = [
  [/^ppt\/slides\/slide(\d+)\.xml$/, "slide"],
  [/^ppt\/notesSlides\/notesSlide(\d+)\.xml$/, "speaker's notes"],
  [/^ppt\/comments\/.*?(\d*)\.xml$/, "comments"],
  [/^ppt\/slideMasters\/slideMaster(\d+)\.xml$/, "master"],
];

export const readPptx: PackReader = async (pack, { at, walk }) => {
  const read = new Set<string>();
  for (const [pattern, kind] of PARTS) {
    for (const entry of inOrder(pack.entries, pattern)) {
      if (entry.unread) continue;
      read.add(entry.name);
      const number = pattern.exec(entry.name)?.[1] ?? "";
      const hidden = kind === "slide" && (await isHidden(pack, entry)) ? " (hidden)" : "";
      const place = placeIn(at, `${kind} ${number}`.trim() + hidden);
      await readOoxmlText(pack, entry, { at: place, walk });
    }
  }
  await readOtherParts(pack, read, { at, walk });
  return "PPTX";
};

function inOrder(entries: readonly PackEntry[], pattern: RegExp): PackEntry[] {
  const number = ({ name }: PackEntry): number => Number(pattern.exec(name)?.[1] ?? 0);
  return entries.filter(({ name }) => pattern.test(name)).toSorted((a, b) => number(a) - number(b));
}

async function isHidden(pack: Pack, entry: PackEntry): Promise<boolean> {
  let hidden = false;
  const [first] = await firstChunk(await pack.read(entry));
  await xmlEvents(one(first), {
    open: (tag, attributes) => {
      if (localName(tag) === "sld" && /^(?:0|false)$/.test(attributes["show"] ?? "")) hidden = true;
    },
  });
  return hidden;
}

async function firstChunk(chunks: AsyncIterable<Buffer>): Promise<Buffer[]> {
  for await (const chunk of chunks) return [chunk.subarray(0, 4_096)];
  return [];
}

async function* one(chunk: Buffer | undefined): AsyncGenerator<Buffer> {
  await Promise.resolve();
  if (chunk) yield chunk;
}
