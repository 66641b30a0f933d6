import type { Walk } from "../walk.ts";
import { xmlEvents } from "../office/xml-events.ts";

/** Of attributes, most are numbers and names of the format's own. */
const WORTH = /@|\s|\+\d{6}|\d{8}/;
const LONGEST_PIECE = 1 << 16;

/** Every text, and every value of an attribute that could be one, element by element. */
export async function readXmlTexts(
  chunks: AsyncIterable<Buffer>,
  at: string,
  { parts }: Walk,
): Promise<void> {
  const into = parts.text(at, "entry");
  let found: string[] = [];
  let number = 0;
  let open = "";
  const endText = (): void => {
    if (open.trim() !== "") found.push(open.trim());
    open = "";
  };
  await xmlEvents(chunks, {
    open: (_, attributes) => {
      endText();
      for (const key in attributes) {
        const value = attributes[key] ?? "";
        if (!key.startsWith("xmlns") && WORTH.test(value)) found.push(value);
      }
    },
    text: (text) => {
      open += text;
      if (open.length > LONGEST_PIECE) endText();
    },
    close: endText,
    drain: async () => {
      const pieces = found;
      found = [];
      for (const piece of pieces) {
        number += 1;
        await into.add(number, piece);
      }
    },
  });
}
