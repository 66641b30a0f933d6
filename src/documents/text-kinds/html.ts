// HTML: its text block by block, its tables, and what a browser does not show: comments, hidden fields, scripts, links.
import { Parser } from "htmlparser2";
import { placeIn, type TableParts, type TextParts } from "../document.ts";
import type { Bytes } from "../bytes.ts";
import type { Walk } from "../walk.ts";
import { decoded, described } from "./decoded.ts";

const PIECE_BYTES = 1 << 16;

export async function readHtml(bytes: Bytes, at: string, walk: Walk): Promise<string> {
  const text = await decoded(bytes);
  const reading = new HtmlText();
  const parser = new Parser(
    {
      onopentag: reading.open,
      ontext: reading.text,
      onclosetag: reading.close,
      oncomment: reading.comment,
    },
    { decodeEntities: true },
  );
  const write = writer(at, walk);
  const decoder = new TextDecoder();
  for await (const chunk of text.chunks) {
    for (let from = 0; from < chunk.length; from += PIECE_BYTES) {
      parser.write(decoder.decode(chunk.subarray(from, from + PIECE_BYTES), { stream: true }));
      await write(reading.items.splice(0));
    }
  }
  parser.end(decoder.decode());
  reading.endText();
  await write(reading.items.splice(0));
  await write([{ kind: "end" }]);
  return described("HTML", text);
}

type Item =
  | { readonly kind: "text"; readonly what: string; readonly text: string }
  | { readonly kind: "table" | "end" }
  | { readonly kind: "row"; readonly cells: readonly string[] };

function writer(at: string, { parts }: Walk): (items: readonly Item[]) => Promise<void> {
  const texts = new Map<string, { into: TextParts; count: number }>();
  let table: TableParts | undefined;
  let tables = 0;
  let rows = 0;
  return async (items) => {
    for (const item of items) {
      if (item.kind === "text") {
        const place = item.what === "" ? at : placeIn(at, item.what);
        const known = texts.get(item.what) ?? { into: parts.text(place, "paragraph"), count: 0 };
        texts.set(item.what, known);
        known.count += 1;
        await known.into.add(known.count, item.text);
      } else if (item.kind === "row") {
        rows += 1;
        await table?.add(rows, item.cells);
      } else {
        await table?.end();
        tables += 1;
        rows = 0;
        const name = `table ${tables}`;
        table = item.kind === "table" ? parts.table(placeIn(at, name), { name }) : undefined;
      }
    }
  };
}

/** Elements that stand within a line; all others end one. */
const INLINE =
  /^(?:a|abbr|b|bdi|bdo|cite|code|data|dfn|em|font|i|kbd|mark|q|s|samp|small|span|strong|sub|sup|time|tt|u|var|wbr)$/;
const LONGEST_PIECE = 1 << 16;

function whatOf(element: string, attribute: string): string | undefined {
  if (attribute === "href") return "links";
  if (attribute === "value") return element === "li" ? undefined : "fields";
  if (attribute === "content") return element === "meta" ? "metadata" : undefined;
  if (attribute.startsWith("data-")) return "data attributes";
  return attribute === "title" || attribute === "alt" ? "titles" : undefined;
}

class HtmlText {
  readonly items: Item[] = [];
  #text = "";
  #what = "";
  #tables = 0;
  #cells: string[] = [];
  #cell: string | undefined;

  readonly open = (name: string, attributes: Readonly<Record<string, string>>): void => {
    if (!INLINE.test(name)) this.#block();
    if (name === "script" || name === "style" || name === "title") this.#what = name;
    this.#attributes(name, attributes);
    if (name === "table") {
      this.#tables += 1;
      if (this.#tables === 1) this.items.push({ kind: "table" });
    } else if (name === "tr" && this.#tables === 1) this.#cells = [];
    else if ((name === "td" || name === "th") && this.#tables === 1) this.#cell = "";
  };

  #attributes(name: string, attributes: Readonly<Record<string, string>>): void {
    for (const key in attributes) {
      const value = attributes[key] ?? "";
      const what = whatOf(name, key);
      if (what !== undefined && (what !== "links" || /@|%40|\?/.test(value)))
        this.#put(what, what === "fields" ? `${attributes["name"] ?? ""} ${value}` : value);
    }
  }

  readonly text = (text: string): void => {
    if (this.#what === "style") return;
    this.#text += text;
    if (this.#text.length > LONGEST_PIECE) this.#block();
  };

  readonly comment = (text: string): void => this.#put("comments", text);

  readonly close = (name: string): void => {
    if (!INLINE.test(name)) this.#block();
    this.#what = "";
    if (name === "table") this.#tables = Math.max(0, this.#tables - 1);
    else if (name === "tr" && this.#tables === 1 && this.#cells.length > 0)
      this.items.push({ kind: "row", cells: this.#cells });
    else if ((name === "td" || name === "th") && this.#tables === 1 && this.#cell !== undefined) {
      this.#cells.push(this.#cell);
      this.#cell = undefined;
    }
  };

  endText(): void {
    this.#block();
  }

  #block(): void {
    const text = this.#text.replace(/[ \t\r\n\u00a0]+/g, " ").trim();
    this.#text = "";
    if (text === "") return;
    if (this.#cell === undefined) this.#put(this.#what, text);
    else this.#cell += `${this.#cell === "" ? "" : " "}${text}`;
  }

  #put(what: string, text: string): void {
    if (text.trim() !== "") this.items.push({ kind: "text", what, text: text.trim() });
  }
}
