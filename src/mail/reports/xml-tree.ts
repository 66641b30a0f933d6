// XML of strangers as a small tree: elements and text, no attributes, no entities but the five and numbers, no document type.
import { Parser } from "htmlparser2";
import { TocsinError } from "../../core/errors.ts";
import { plainText } from "../incoming/incoming-mail.ts";

export type XmlElement = {
  /** Lower case, without a namespace's prefix. */
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** Of the element itself, on one line, at most 2,000 characters. */
  readonly text: string;
};

const MOST_DEPTH = 20;
/** A record of a report has about 25: this is a report of 80,000 sources. */
const MOST_ELEMENTS = 2_000_000;
const MOST_TEXT = 2_000;

type Open = { readonly name: string; readonly children: XmlElement[]; text: string };

/** @throws TocsinError `invalid` for a document type, for what is too deep or too long, and for what ends before its elements do */
export function xmlTree(text: string): XmlElement {
  const root: Open = { name: "", children: [], text: "" };
  const open: Open[] = [root];
  let elements = 0;
  let ended = false;
  let cut = "";
  const parser = new Parser(
    {
      onopentagname: (name) => {
        elements += 1;
        if (open.length > MOST_DEPTH || elements > MOST_ELEMENTS)
          throw new TocsinError("invalid", "its XML is deeper or longer than any report");
        open.push({ name: localName(name), children: [], text: "" });
      },
      ontext: (piece) => {
        const element = open.at(-1);
        if (element && element.text.length < MOST_TEXT) element.text += piece;
      },
      onclosetag: () => {
        const element = open.pop();
        if (!element) return;
        if (ended && cut === "") cut = element.name;
        const { name, children } = element;
        open
          .at(-1)
          ?.children.push({ name, children, text: plainText(element.text).slice(0, MOST_TEXT) });
      },
      onprocessinginstruction: (name) => {
        if (name.startsWith("!"))
          throw new TocsinError(
            "invalid",
            "its XML has a document type: reports have none, and entities are not read",
          );
      },
    },
    { xmlMode: true },
  );
  parser.write(text);
  ended = true;
  parser.end();
  // A wrapper that is never closed is met in the wild; an element of the report that is not means that the rest is missing.
  if (cut !== "" && cut !== "schema")
    throw new TocsinError("invalid", `its XML ends within <${cut}>`);
  return { name: "", children: root.children, text: "" };
}

function localName(name: string): string {
  return name.slice(name.lastIndexOf(":") + 1).toLowerCase();
}

/** The first element of that path of names. */
export function child(
  element: XmlElement | undefined,
  ...names: readonly string[]
): XmlElement | undefined {
  let at = element;
  for (const name of names) at = at?.children.find((one) => one.name === name);
  return at;
}

export function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((one) => one.name === name) ?? [];
}

/** Text of the element at that path, '' where there is none. */
export function textAt(element: XmlElement | undefined, ...names: readonly string[]): string {
  return child(element, ...names)?.text ?? "";
}

/** The first element of that name, wherever it stands. */
export function descendant(element: XmlElement, name: string): XmlElement | undefined {
  for (const one of element.children) {
    if (one.name === name) return one;
    const within = descendant(one, name);
    if (within) return within;
  }
  return undefined;
}
