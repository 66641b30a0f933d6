import { Unreadable } from "../document.ts";
import type { Pack } from "./pack.ts";
import { attribute, localName, xmlEvents } from "./xml-events.ts";

/** The strings that cells name by number. */
export type SharedStrings = {
  /** '' where there is none. Remembers that it was asked for. */
  readonly at: (index: number) => string;
  readonly unused: () => Iterable<string>;
};

const MOST_CHARS = 200_000_000;

export async function readStrings(pack: Pack, name: string): Promise<SharedStrings> {
  const strings: string[] = [];
  let text: string | undefined;
  let inText = false;
  let phonetic = 0;
  let chars = 0;
  await xmlEvents(await pack.read({ name }), {
    open: (tag) => {
      const local = localName(tag);
      if (local === "si") text = "";
      else if (local === "rPh") phonetic += 1;
      inText = local === "t" && phonetic === 0;
    },
    text: (part) => {
      if (inText && text !== undefined) text += part;
    },
    close: (tag) => {
      inText = false;
      const local = localName(tag);
      if (local === "rPh") phonetic -= 1;
      if (local !== "si") return;
      strings.push(text ?? "");
      chars += text?.length ?? 0;
      if (chars > MOST_CHARS)
        throw new Unreadable("too large", "has more than 200 million characters of strings");
      text = undefined;
    },
  });
  const used = new Uint8Array(strings.length);
  return {
    at(index) {
      if (index < used.length) used[index] = 1;
      return strings[index] ?? "";
    },
    *unused() {
      for (const [index, one] of strings.entries()) if (used[index] === 0) yield one;
    },
  };
}

/** The numbers of the cell formats that show dates (18.8.30). */
export async function readDateStyles(pack: Pack, name: string): Promise<ReadonlySet<number>> {
  const dates = new Set<number>();
  const own = new Set<string>();
  let inCells = false;
  let index = 0;
  await xmlEvents(await pack.read({ name }), {
    open: (tag, attributes) => {
      const local = localName(tag);
      const id = attribute(attributes, "numFmtId") ?? "0";
      if (local === "numFmt" && isDateFormat(attributes["formatCode"] ?? "")) own.add(id);
      if (local === "cellXfs") inCells = true;
      if (local !== "xf" || !inCells) return;
      if (own.has(id) || isBuiltInDate(Number(id))) dates.add(index);
      index += 1;
    },
    close: (tag) => {
      if (localName(tag) === "cellXfs") inCells = false;
    },
  });
  return dates;
}

function isBuiltInDate(id: number): boolean {
  return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47);
}

function isDateFormat(code: string): boolean {
  const signs = code.replace(/"[^"]*"|\\.|\[[^\]]*\]/g, "");
  return /[ymdhs]/i.test(signs) && !/[#0]{2}|[#0]\.[#0]/.test(signs);
}

const EPOCH_MS = Date.UTC(1899, 11, 30);
const DAY_MS = 86_400_000;
const LAST_DAY = 2_958_465; // 9999-12-31

/** A day number as ISO 8601; the number itself where it is no day. */
export function dateText(value: string): string {
  const days = Number(value);
  if (!(days >= 1 && days <= LAST_DAY)) return value;
  const iso = new Date(EPOCH_MS + Math.round(days * DAY_MS)).toISOString();
  return Number.isInteger(days) ? iso.slice(0, 10) : iso.slice(0, 19);
}
