import { placeIn } from "../document.ts";
import type { Walk } from "../walk.ts";
import type { Pack } from "./pack.ts";
import { attribute, localName, xmlEvents } from "./xml-events.ts";

/** Comments and threads, each with its cell. */
export async function readComments(
  pack: Pack,
  name: string,
  { at, walk }: { readonly at: string; readonly walk: Walk },
): Promise<void> {
  let found: { cell: string; text: string }[] = [];
  let cell = "";
  let text = "";
  await xmlEvents(await pack.read({ name }), {
    open: (tag, attributes) => {
      if (!isComment(tag)) return;
      cell = attribute(attributes, "ref") ?? "?";
      text = "";
    },
    text: (part) => {
      text += part;
    },
    close: (tag) => {
      if (isComment(tag)) found.push({ cell, text });
      if (localName(tag) === "author" && text.trim() !== "") found.push({ cell: "author", text });
      if (localName(tag) === "author") text = "";
    },
    drain: async () => {
      const all = found;
      found = [];
      for (const one of all)
        await walk.parts.text(placeIn(at, `comment at ${one.cell}`), "entry").add(1, one.text);
    },
  });
}

function isComment(tag: string): boolean {
  return /^(?:comment|threadedComment)$/.test(localName(tag));
}
