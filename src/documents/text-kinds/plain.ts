// Text and Markdown, paragraph by paragraph: lines that follow one another belong together.
import type { Bytes } from "../bytes.ts";
import type { Walk } from "../walk.ts";
import { type Decoded, decoded, described } from "./decoded.ts";

const MOST_LINES = 40;
const MOST_CHARS = 8_192;
const LONGEST_LINE = 1 << 20;

export async function readPlain(bytes: Bytes, at: string, { parts }: Walk): Promise<string> {
  const text = await decoded(bytes);
  const into = parts.text(at, "line");
  let held: string[] = [];
  let length = 0;
  let first = 1;
  const flush = async (): Promise<void> => {
    if (held.length > 0) await into.add(first, held.join("\n"));
    held = [];
    length = 0;
  };
  let number = 0;
  for await (const line of lines(text)) {
    number += 1;
    const blank = line.trim() === "";
    if (blank || held.length >= MOST_LINES || length > MOST_CHARS) await flush();
    if (blank) continue;
    if (held.length === 0) first = number;
    held.push(line);
    length += line.length;
  }
  await flush();
  return described("text", text);
}

async function* lines({ chunks }: Decoded): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let held = "";
  for await (const chunk of chunks) {
    held += decoder.decode(chunk, { stream: true });
    const parts = held.split(/\r?\n|\r(?!$)/);
    held = parts.pop() ?? "";
    yield* parts;
    if (held.length > LONGEST_LINE) {
      yield held;
      held = "";
    }
  }
  held += decoder.decode();
  if (held !== "") yield held;
}
