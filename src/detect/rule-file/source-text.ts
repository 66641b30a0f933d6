import type { Place } from "../sigma/rule.ts";

/** A file's text, with the places in it. */
export class SourceText {
  /** As problems call it. */
  readonly file: string;
  /** As it is called in the folder that was read: the same from wherever it is read. */
  readonly name: string;
  readonly text: string;
  #lineStarts: readonly number[] | undefined;

  constructor({ file, name }: { readonly file: string; readonly name: string }, text: string) {
    this.file = file;
    this.name = name;
    this.text = text;
  }

  /** Of an offset in UTF-16 units; lines and columns from 1. */
  place(offset: number): Place {
    this.#lineStarts ??= lineStartsOf(this.text);
    let [low, high] = [0, this.#lineStarts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.file, line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
