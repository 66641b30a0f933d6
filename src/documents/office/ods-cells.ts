import { attribute, localName } from "./xml-events.ts";

export type OdsItem =
  | { readonly kind: "sheet"; readonly name: string; readonly hidden: boolean }
  | {
      readonly kind: "row";
      readonly number: number;
      readonly hidden: boolean;
      readonly cells: string[];
    }
  | {
      readonly kind: "note";
      readonly number: number;
      readonly what: string;
      readonly text: string;
    };

const MOST_CELLS = 1_000;

type Attributes = Readonly<Record<string, string>>;

/** Gathers sheets, rows and notes from the events of `content.xml`. */
export class OdsCells {
  readonly items: OdsItem[] = [];
  readonly #hiddenStyles = new Set<string>();
  #style = "";
  #row = 0;
  #rowsRepeated = 1;
  #rowHidden = false;
  #cells: string[] = [];
  #column = 0;
  #repeated = 1;
  #value = "";
  #text = "";
  #formula = "";
  #inText = 0;
  #comment: string | undefined;

  // By name in a map: documents choose the names.
  readonly #opens: ReadonlyMap<string, (attributes: Attributes) => void> = new Map<
    string,
    (attributes: Attributes) => void
  >([
    ["style", (attributes) => void (this.#style = attribute(attributes, "name") ?? "")],
    [
      "table-properties",
      (attributes) => {
        if (attribute(attributes, "display") === "false") this.#hiddenStyles.add(this.#style);
      },
    ],
    ["table", (attributes) => this.#beginSheet(attributes)],
    ["table-row", (attributes) => this.#beginRow(attributes)],
    ["table-cell", (attributes) => this.#beginCell(attributes)],
    ["covered-table-cell", (attributes) => this.#beginCell(attributes)],
    ["annotation", () => void (this.#comment = "")],
    ["p", () => this.#beginText()],
  ]);

  readonly open = (tag: string, attributes: Attributes): void => {
    this.#opens.get(localName(tag))?.(attributes);
  };

  #beginText(): void {
    this.#inText += 1;
    if (this.#text !== "" && this.#comment === undefined) this.#text += "\n";
  }

  #beginSheet(attributes: Attributes): void {
    const style = attribute(attributes, "style-name") ?? "";
    const hidden = this.#hiddenStyles.has(style);
    this.items.push({ kind: "sheet", name: attribute(attributes, "name") ?? "", hidden });
    this.#row = 0;
  }

  #beginRow(attributes: Attributes): void {
    this.#row += 1;
    this.#rowsRepeated = repeat(attributes, "number-rows-repeated");
    this.#rowHidden = /^(?:collapse|filter)$/.test(attribute(attributes, "visibility") ?? "");
    this.#cells = [];
    this.#column = 0;
  }

  #beginCell(attributes: Attributes): void {
    this.#repeated = repeat(attributes, "number-columns-repeated");
    this.#value =
      attribute(attributes, "date-value") ??
      attribute(attributes, "string-value") ??
      attribute(attributes, "boolean-value") ??
      attribute(attributes, "time-value") ??
      (attribute(attributes, "value-type") === "string"
        ? ""
        : (attribute(attributes, "value") ?? ""));
    this.#formula = attribute(attributes, "formula") ?? "";
    this.#text = "";
  }

  readonly text = (text: string): void => {
    if (this.#comment !== undefined) this.#comment += text;
    else if (this.#inText > 0) this.#text += text;
  };

  readonly close = (tag: string): void => {
    switch (localName(tag)) {
      case "p":
        this.#inText -= 1;
        if (this.#comment !== undefined) this.#comment += "\n";
        break;
      case "annotation":
        this.#note("comment", this.#comment ?? "");
        this.#comment = undefined;
        break;
      case "table-cell":
      case "covered-table-cell":
        this.#endCell();
        break;
      case "table-row":
        this.#endRow();
        break;
      default:
    }
  };

  #endCell(): void {
    const value = this.#value !== "" ? this.#value : this.#text;
    if (/["@]/.test(this.#formula)) this.#note("formulas", this.#formula);
    // What is repeated to the last column of the sheet is said once.
    const times =
      value === "" ? 0 : Math.min(this.#repeated, Math.max(1, MOST_CELLS - this.#column));
    if (times > 0 && this.#column >= MOST_CELLS) this.#note("columns beyond the 1,000th", value);
    else if (times > 0) {
      while (this.#cells.length < this.#column) this.#cells.push("");
      for (let time = 0; time < times; time += 1) this.#cells.push(value);
    }
    this.#column += this.#repeated;
  }

  // A row that is repeated a million times is the same people once.
  #endRow(): void {
    const cells = this.#cells;
    const number = this.#row;
    if (cells.length > 0) this.items.push({ kind: "row", number, hidden: this.#rowHidden, cells });
    this.#row += this.#rowsRepeated - 1;
  }

  #note(what: string, text: string): void {
    if (text.trim() !== "")
      this.items.push({ kind: "note", number: Math.max(1, this.#row), what, text });
  }
}

function repeat(attributes: Attributes, name: string): number {
  const times = Number(attribute(attributes, name) ?? 1);
  return Number.isSafeInteger(times) && times > 0 ? Math.min(times, 1_048_576) : 1;
}
