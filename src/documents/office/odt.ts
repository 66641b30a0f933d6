// OpenDocument text, presentations and drawings (ISO/IEC 26300): paragraphs, tables, comments, deletions, headers and footers.
import { placeIn } from "../document.ts";
import type { Walk } from "../walk.ts";
import { readOtherParts } from "./other-parts.ts";
import type { Pack } from "./pack.ts";
import type { PackReader } from "./read-pack.ts";
import { writtenText, type WrittenText } from "./written-text.ts";
import { attribute, localName, xmlEvents } from "./xml-events.ts";

export const readOdt: PackReader = async (pack, { at, walk }) => {
  await readOdfText(pack, "content.xml", { at, walk });
  const styles = pack.entries.some(({ name }) => name === "styles.xml");
  if (styles) await readOdfText(pack, "styles.xml", { at: placeIn(at, "header and footer"), walk });
  await readOtherParts(pack, new Set(["content.xml", "styles.xml"]), { at, walk });
  return "OpenDocument text";
};

/** Also headers and footers of spreadsheets, which are in their styles. */
export async function readOdfText(
  pack: Pack,
  name: string,
  { at, walk }: { readonly at: string; readonly walk: Walk },
): Promise<void> {
  const written = writtenText(at, walk);
  const reading = new OdfText(written);
  await xmlEvents(await pack.read({ name }), {
    open: reading.open,
    text: reading.text,
    close: reading.close,
    drain: written.drain,
  });
}

type Attributes = Readonly<Record<string, string>>;

/** Elements are looked up in a map: documents choose their names. */
class OdfText {
  readonly #written: WrittenText;
  /** One a paragraph that is open: comments stand within paragraphs. */
  readonly #paragraphs: string[] = [];
  #tables = 0;
  #cells: string[] = [];
  #cell = "";
  #deleted = 0;
  #comments = 0;
  /** Names of people, which stand outside paragraphs. */
  #creator: string | undefined;

  constructor(written: WrittenText) {
    this.#written = written;
  }

  readonly #opens: ReadonlyMap<string, (attributes: Attributes) => void> = new Map<
    string,
    (attributes: Attributes) => void
  >([
    ["p", () => void this.#paragraphs.push("")],
    ["h", () => void this.#paragraphs.push("")],
    ["s", () => this.text(" ")],
    ["tab", () => this.text(" ")],
    ["line-break", () => this.text("\n")],
    ["deletion", () => void (this.#deleted += 1)],
    ["annotation", () => void (this.#comments += 1)],
    ["creator", () => void (this.#creator = "")],
    ["hidden-text", (attributes) => this.#hidden(attributes)],
    ["hidden-paragraph", (attributes) => this.#hidden(attributes)],
  ]);

  readonly open = (tag: string, attributes: Attributes): void => {
    const name = localName(tag);
    const link = attribute(attributes, "href");
    if (link !== undefined && /[@?]/.test(link)) this.#written.text("links", link);
    const open = this.#opens.get(name);
    if (open) open(attributes);
    else this.#openTable(name);
  };

  #hidden(attributes: Attributes): void {
    this.#written.text("hidden text", attribute(attributes, "string-value") ?? "");
  }

  #openTable(name: string): void {
    if (name === "table") {
      this.#tables += 1;
      if (this.#tables === 1) this.#written.beginTable();
    } else if (name === "table-row" && this.#tables === 1) this.#cells = [];
    else if (name === "table-cell" && this.#tables === 1) this.#cell = "";
  }

  readonly text = (text: string): void => {
    if (this.#creator !== undefined) {
      this.#creator += text;
      return;
    }
    const open = this.#paragraphs.length - 1;
    if (open >= 0) this.#paragraphs[open] += text;
  };

  readonly close = (tag: string): void => {
    const name = localName(tag);
    if (name === "p" || name === "h") this.#paragraph(this.#paragraphs.pop() ?? "");
    else if (name === "deletion") this.#deleted -= 1;
    else if (name === "annotation") this.#comments -= 1;
    else if (name === "creator") {
      this.#written.text("authors", this.#creator ?? "");
      this.#creator = undefined;
    } else this.#closeTable(name);
  };

  #closeTable(name: string): void {
    if (name === "table") {
      this.#tables -= 1;
      if (this.#tables === 0) this.#written.endTable();
    } else if (name === "table-row" && this.#tables === 1) this.#written.row(this.#cells);
    else if (name === "table-cell" && this.#tables === 1) this.#cells.push(this.#cell.trim());
  }

  #paragraph(text: string): void {
    this.#written.paragraph();
    if (this.#comments > 0) this.#written.text("comment", text);
    else if (this.#deleted > 0) this.#written.text("deleted", text);
    else if (this.#tables > 0) this.#cell += `${this.#cell === "" ? "" : "\n"}${text}`;
    else this.#written.text("", text);
  }
}
