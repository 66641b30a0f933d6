// Paragraphs and tables of WordprocessingML and DrawingML (ECMA-376, part 1, 17 and 21), with what is deleted, hidden or a field.
import type { Walk } from "../walk.ts";
import type { Pack, PackEntry } from "./pack.ts";
import { writtenText, type WrittenText } from "./written-text.ts";
import { attribute, localName, xmlEvents } from "./xml-events.ts";

export async function readOoxmlText(
  pack: Pack,
  entry: Pick<PackEntry, "name">,
  { at, walk }: { readonly at: string; readonly walk: Walk },
): Promise<void> {
  const written = writtenText(at, walk);
  const reading = new OoxmlText(written);
  await xmlEvents(await pack.read(entry), {
    open: reading.open,
    text: reading.text,
    close: reading.close,
    drain: written.drain,
  });
  reading.end();
  await written.drain();
}

const LONGEST_PARAGRAPH = 1 << 20;

type Layer = "shown" | "deleted" | "hidden" | "field";

type Attributes = Readonly<Record<string, string>>;

class OoxmlText {
  readonly #written: WrittenText;
  readonly #layers: Record<Layer, string> = { shown: "", deleted: "", hidden: "", field: "" };
  readonly #authors = new Set<string>();
  #layer: Layer | undefined;
  #hidden = false;
  #tables = 0;
  #cells: string[] = [];
  #cell = "";

  constructor(written: WrittenText) {
    this.#written = written;
  }

  readonly open = (tag: string, attributes: Attributes): void => {
    const name = localName(tag);
    const author = attribute(attributes, "author") ?? attribute(attributes, "name");
    if (author !== undefined && /^(?:ins|del|comment|cmAuthor|moveFrom|moveTo|author)$/.test(name))
      this.#authors.add(author);
    this.#begins.get(name)?.(attributes);
    this.#layer = this.#layerOf(name);
  };

  // By name in a map: documents choose the names.
  readonly #begins: ReadonlyMap<string, (attributes: Attributes) => void> = new Map<
    string,
    (attributes: Attributes) => void
  >([
    ["r", () => void (this.#hidden = false)],
    ["vanish", (attributes) => this.#vanish(attributes)],
    ["webHidden", (attributes) => this.#vanish(attributes)],
    ["tab", () => this.#add("shown", "\t")],
    ["br", () => this.#add("shown", "\n")],
    ["cr", () => this.#add("shown", "\n")],
    ["tbl", () => this.#beginTable()],
    ["tr", () => void (this.#cells = this.#tables === 1 ? [] : this.#cells)],
    ["tc", () => void (this.#cell = this.#tables === 1 ? "" : this.#cell)],
  ]);

  #vanish(attributes: Attributes): void {
    this.#hidden = !/^(?:0|false|off)$/.test(attribute(attributes, "val") ?? "1");
  }

  #beginTable(): void {
    this.#tables += 1;
    if (this.#tables === 1) this.#written.beginTable();
  }

  #layerOf(name: string): Layer | undefined {
    if (name === "t") return this.#hidden ? "hidden" : "shown";
    if (name === "delText") return "deleted";
    return name === "instrText" || name === "delInstrText" ? "field" : undefined;
  }

  readonly text = (text: string): void => {
    if (this.#layer) this.#add(this.#layer, text);
  };

  #add(layer: Layer, text: string): void {
    this.#layers[layer] += text;
    if (this.#layers[layer].length > LONGEST_PARAGRAPH) this.#paragraph();
  }

  readonly close = (tag: string): void => {
    this.#layer = undefined;
    const name = localName(tag);
    if (name === "p") this.#paragraph();
    else if (name === "tc" && this.#tables === 1) this.#cells.push(this.#cell.trim());
    else if (name === "tr" && this.#tables === 1) this.#written.row(this.#cells);
    else if (name === "tbl") {
      this.#tables -= 1;
      if (this.#tables === 0) this.#written.endTable();
    }
  };

  #paragraph(): void {
    const { shown, deleted, hidden, field } = this.#layers;
    this.#written.paragraph();
    if (this.#tables > 0) this.#cell += `${this.#cell === "" ? "" : "\n"}${shown}`;
    else this.#written.text("", shown);
    this.#written.text("deleted", deleted);
    this.#written.text("hidden text", hidden);
    if (/["@]/.test(field)) this.#written.text("fields", field);
    for (const layer of ["shown", "deleted", "hidden", "field"] as const) this.#layers[layer] = "";
  }

  end(): void {
    this.#paragraph();
    this.#written.text("authors", [...this.#authors].join("\n"));
  }
}
