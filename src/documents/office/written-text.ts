import { placeIn, type TableParts, type TextParts } from "../document.ts";
import type { Walk } from "../walk.ts";

/** What is gathered from events, to be written down between them, in order. */
export type WrittenText = {
  /** The next paragraph's number; said once a paragraph, whatever comes of it. */
  readonly paragraph: () => number;
  readonly text: (kind: string, text: string) => void;
  readonly beginTable: () => void;
  readonly row: (cells: readonly string[]) => void;
  readonly endTable: () => void;
  readonly drain: () => Promise<void>;
};

type Item = (() => Promise<void>) | undefined;

/** `kind` is '' for the text itself; else what it is: `comment`, `deleted`. */
export function writtenText(at: string, { parts }: Walk): WrittenText {
  let items: Item[] = [];
  let paragraphs = 0;
  let tables = 0;
  let rows = 0;
  let table: TableParts | undefined;
  const texts = new Map<string, TextParts>();
  const into = (kind: string): TextParts => {
    const known = texts.get(kind) ?? parts.text(kind === "" ? at : placeIn(at, kind), "paragraph");
    texts.set(kind, known);
    return known;
  };
  return {
    paragraph() {
      paragraphs += 1;
      return paragraphs;
    },
    text(kind, text) {
      const number = Math.max(1, paragraphs);
      if (text.trim() !== "") items.push(async () => await into(kind).add(number, text));
    },
    beginTable() {
      tables += 1;
      rows = 0;
      const name = `table ${tables}`;
      items.push(async () => {
        table = parts.table(placeIn(at, name), { name });
        await Promise.resolve();
      });
    },
    row(cells) {
      rows += 1;
      const number = rows;
      items.push(async () => await table?.add(number, cells));
    },
    endTable() {
      items.push(async () => {
        await table?.end();
        table = undefined;
      });
    },
    async drain() {
      const all = items;
      items = [];
      for (const item of all) await item?.();
    },
  };
}
