// Values of any shape as tables: where objects stand in a list, or under keys of their own, each is a row; what is within it is
// columns, `address.city`. What stands alone is a row too.
import { placeIn, type Parts, type TableParts } from "../document.ts";
import { exactText } from "./exact-json.ts";

export type Tree =
  | string
  | number
  | boolean
  | null
  | readonly Tree[]
  | { readonly [key: string]: Tree };
type Branch = { readonly [key: string]: Tree };

const DEEPEST = 64;
const MOST_TABLES = 200;
const MOST_COLUMNS = 900;
/** Fewer objects under keys of their own are parts of one thing. */
const FEWEST_KEYED = 3;

export async function treeTables(value: Tree, at: string, parts: Parts): Promise<void> {
  const tables = new TreeTables(at, parts);
  await tables.read(value, []);
  await tables.end();
}

/** Rows that come one at a time, all of one list. */
export class TreeTables {
  readonly #at: string;
  readonly #parts: Parts;
  readonly #open = new Map<string, { table: TableParts; columns: string[]; rows: number }>();

  constructor(at: string, parts: Parts) {
    this.#at = at;
    this.#parts = parts;
  }

  async read(value: Tree, path: readonly string[]): Promise<void> {
    if (path.length > DEEPEST) {
      await this.#text(path.slice(0, 8), JSON.stringify(value));
    } else if (isList(value)) {
      await this.#list(value, path);
    } else if (isBranch(value)) {
      if (isKeyed(value)) await this.#keyed(value, path);
      else await this.row(value, path);
    } else if (value !== null && value !== "") {
      await this.#text(path, exactText(value));
    }
  }

  async end(): Promise<void> {
    for (const { table } of this.#open.values()) await table.end();
  }

  async #list(list: readonly Tree[], path: readonly string[]): Promise<void> {
    for (const item of list) {
      if (isBranch(item)) await this.row(item, path);
      else await this.read(item, path);
    }
  }

  // { "a@example.com": {…}, … }: the key is a column.
  async #keyed(branch: Branch, path: readonly string[]): Promise<void> {
    for (const [key, item] of Object.entries(branch)) {
      if (isBranch(item)) await this.row({ key, ...item }, path);
    }
  }

  async row(branch: Branch, path: readonly string[]): Promise<void> {
    const cells = new Map<string, string>();
    const lists: [readonly string[], Tree][] = [];
    fill(cells, branch, { prefix: "", path, lists });
    if (cells.size > MOST_COLUMNS) await this.#text(path, JSON.stringify(branch));
    else if (cells.size > 0) await this.#write(cells, path);
    for (const [inner, list] of lists) await this.read(list, inner);
  }

  async #write(cells: ReadonlyMap<string, string>, path: readonly string[]): Promise<void> {
    const key = JSON.stringify(path);
    const name = path.join(".");
    let open = this.#open.get(key);
    if (!open && this.#open.size >= MOST_TABLES) {
      await this.#text(path, [...cells].map(([column, cell]) => `${column}: ${cell}`).join("\n"));
      return;
    }
    if (!open || [...cells.keys()].some((column) => !open?.columns.includes(column))) {
      await open?.table.end();
      const columns = [...new Set([...(open?.columns ?? []), ...cells.keys()])].slice(
        0,
        MOST_COLUMNS,
      );
      const table = this.#parts.table(placed(this.#at, name), { name, columns, unit: "entry" });
      open = { table, columns, rows: open?.rows ?? 0 };
      this.#open.set(key, open);
    }
    open.rows += 1;
    await open.table.add(
      open.rows,
      open.columns.map((column) => cells.get(column) ?? ""),
    );
  }

  async #text(path: readonly string[], text: string): Promise<void> {
    await this.#parts.text(placed(this.#at, path.join(".")), "value").add(1, text);
  }
}

function placed(at: string, name: string): string {
  return name === "" ? at : placeIn(at, name);
}

type Into = {
  readonly prefix: string;
  readonly path: readonly string[];
  /** Lists whose items are something of their own. */
  readonly lists: [readonly string[], Tree][];
};

function fill(cells: Map<string, string>, branch: Branch, { prefix, path, lists }: Into): void {
  for (const [key, value] of Object.entries(branch)) {
    const name = prefix + key;
    const inner = [...path, key];
    if (isBranch(value) && !isKeyed(value) && inner.length < DEEPEST)
      fill(cells, value, { prefix: `${name}.`, path: inner, lists });
    else if (isBranch(value) || (isList(value) && value.some(hasOwn))) lists.push([inner, value]);
    else if (isList(value)) cells.set(name, value.map((item) => exactText(item)).join(" "));
    else if (value !== null && value !== "") cells.set(name, exactText(value));
  }
}

// A list of orders belongs to the customer it is in; a list of people is a list of people.
function hasOwn(item: Tree): boolean {
  if (isList(item)) return item.some(hasOwn);
  return isBranch(item);
}

function isKeyed(branch: Branch): boolean {
  const values = Object.values(branch);
  if (values.length < FEWEST_KEYED || !values.every(isBranch)) return false;
  if (Object.keys(branch).every((key) => /@|^\d+$|^[0-9a-f-]{16,}$/i.test(key))) return true;
  const [first] = values;
  const keys = Object.keys(first ?? {});
  return (
    values.length > 10 &&
    keys.length > 0 &&
    values.every((value) => keys.some((key) => Object.hasOwn(value, key)))
  );
}

export function isList(value: Tree): value is readonly Tree[] {
  return Array.isArray(value);
}

export function isBranch(value: Tree): value is Branch {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
