import { placeIn, type TextParts } from "../document.ts";
import type { Walk } from "../walk.ts";
import type { Pack } from "./pack.ts";
import { dateText, type SharedStrings } from "./xlsx-strings.ts";
import type { SheetEntry } from "./xlsx-workbook.ts";
import { localName, xmlEvents } from "./xml-events.ts";

export type SheetInput = {
  readonly sheet: SheetEntry;
  readonly at: string;
  readonly walk: Walk;
  readonly strings: SharedStrings;
  /** Cell formats that show dates. */
  readonly dates: ReadonlySet<number>;
};

const MOST_ROWS = 1_048_576;
const MOST_CELLS = 1_000;

type Row = { readonly number: number; readonly hidden: boolean; readonly cells: string[] };
type Note = { readonly number: number; readonly text: string };

export async function readSheet(pack: Pack, input: SheetInput): Promise<void> {
  const { at, walk, sheet } = input;
  const reading = new Sheet(input);
  const shown = walk.parts.table(at, { name: sheet.name });
  const hidden = `${at}, hidden rows`;
  const notes = new Map<string, TextParts>();
  const note = async (kind: string, { number, text }: Note): Promise<void> => {
    const into = notes.get(kind) ?? walk.parts.text(placeIn(at, kind), "row");
    notes.set(kind, into);
    await into.add(number, text);
  };
  await xmlEvents(await pack.read({ name: sheet.path }), {
    open: reading.open,
    text: reading.text,
    close: reading.close,
    drain: async () => {
      for (const row of reading.rows.splice(0))
        await shown.add(row.number, row.cells, row.hidden ? hidden : undefined);
      for (const [kind, one] of reading.notes.splice(0)) await note(kind, one);
    },
  });
  await shown.end();
  if (reading.hiddenColumns.length > 0)
    await note("hidden columns", { number: 1, text: reading.hiddenColumns.join(", ") });
  if (reading.beyond > 0)
    walk.parts.unread({
      at,
      reason: "too large",
      detail: `${reading.beyond} rows beyond the last one of a sheet`,
    });
}

class Sheet {
  readonly rows: Row[] = [];
  readonly notes: [kind: string, note: Note][] = [];
  readonly hiddenColumns: string[] = [];
  beyond = 0;
  readonly #input: SheetInput;
  #row: Row | undefined;
  #rowNumber = 0;
  #column = 0;
  #type = "";
  #style = -1;
  #value = "";
  #formula = "";
  #where: "value" | "formula" | "text" | "margin" | "" = "";
  #phonetic = false;

  constructor(input: SheetInput) {
    this.#input = input;
  }

  readonly open = (tag: string, attributes: Readonly<Record<string, string>>): void => {
    switch (localName(tag)) {
      case "c":
        this.#cell(attributes);
        break;
      case "v":
        this.#where = "value";
        break;
      case "t":
        this.#where = this.#phonetic ? "" : "text";
        break;
      case "f":
        this.#where = "formula";
        break;
      case "row":
        this.#beginRow(attributes);
        break;
      case "rPh":
        this.#phonetic = true;
        break;
      case "col":
        this.#columns(attributes);
        break;
      default:
        if (MARGIN.test(localName(tag))) {
          this.#where = "margin";
          this.#value = "";
        }
    }
  };

  readonly text = (text: string): void => {
    if (this.#where === "formula") this.#formula += text;
    else if (this.#where !== "") this.#value += text;
  };

  readonly close = (tag: string): void => {
    const where = this.#where;
    this.#where = "";
    const local = localName(tag);
    if (local === "c") this.#endCell();
    else if (local === "row") this.#endRow();
    else if (local === "rPh") this.#phonetic = false;
    else if (where === "margin" && this.#value.trim() !== "")
      this.notes.push(["header and footer", { number: 1, text: this.#value }]);
    else if (where === "formula" && !this.#row && this.#formula !== "")
      this.#note("rules", this.#formula);
    if (local !== "c" && where === "formula" && !this.#row) this.#formula = "";
  };

  #note(kind: string, text: string): void {
    this.notes.push([kind, { number: Math.max(1, this.#rowNumber), text }]);
  }

  #beginRow(attributes: Readonly<Record<string, string>>): void {
    const number = Number(attributes["r"] ?? this.#rowNumber + 1);
    this.#rowNumber = Number.isSafeInteger(number) && number > 0 ? number : this.#rowNumber + 1;
    this.#column = 0;
    this.#row = { number: this.#rowNumber, hidden: isTrue(attributes["hidden"]), cells: [] };
  }

  #endRow(): void {
    if (this.#row && this.#row.cells.length > 0) {
      if (this.#row.number > MOST_ROWS) this.beyond += 1;
      else this.rows.push(this.#row);
    }
    this.#row = undefined;
  }

  #cell(attributes: Readonly<Record<string, string>>): void {
    const at = columnNumber(attributes["r"] ?? "");
    this.#column = at > 0 ? at : this.#column + 1;
    this.#type = attributes["t"] ?? "n";
    this.#style = Number(attributes["s"] ?? -1);
    this.#value = "";
    this.#formula = "";
  }

  #endCell(): void {
    const row = this.#row;
    const value = this.#valueOf();
    if (this.#formula.includes('"') || this.#formula.includes("@"))
      this.#note("formulas", `${columnName(this.#column)}${this.#rowNumber} ${this.#formula}`);
    this.#formula = "";
    this.#value = "";
    if (!row || value === "") return;
    if (this.#column > MOST_CELLS) {
      this.#note("columns beyond the 1,000th", value);
      return;
    }
    while (row.cells.length < this.#column - 1) row.cells.push("");
    row.cells[this.#column - 1] = value;
  }

  #valueOf(): string {
    const value = this.#value;
    if (value === "") return "";
    if (this.#type === "s") return this.#input.strings.at(Number(value));
    if (this.#type === "b") return value === "1" ? "true" : "false";
    if (this.#type !== "n") return value;
    return this.#input.dates.has(this.#style) ? dateText(value) : value;
  }

  #columns(attributes: Readonly<Record<string, string>>): void {
    if (!isTrue(attributes["hidden"])) return;
    const [min, max] = [Number(attributes["min"]), Number(attributes["max"])];
    const from = columnName(min);
    this.hiddenColumns.push(max > min ? `${from} to ${columnName(max)}` : from);
  }
}

const MARGIN = /^(?:odd|even|first)(?:Header|Footer)$/;

function isTrue(value: string | undefined): boolean {
  return value === "1" || value === "true";
}

/** `C17` → 3; 0 where it names no column. */
export function columnNumber(reference: string): number {
  let number = 0;
  for (let at = 0; at < reference.length && at < 4; at += 1) {
    const letter = reference.charCodeAt(at) - 64;
    if (letter < 1 || letter > 26) break;
    number = number * 26 + letter;
  }
  return number;
}

/** 3 → `C`. */
export function columnName(number: number): string {
  let name = "";
  for (let rest = number; rest > 0; rest = Math.floor((rest - 1) / 26))
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
  return name;
}
