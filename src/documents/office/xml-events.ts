// XML as events, whatever its state: what is not well-formed is read as far as it goes. Entities of a DTD are never expanded and
// nothing is ever fetched, so neither a billion laughs nor an outside file can come out of it.
import { Parser } from "htmlparser2";
import { encodingOf } from "../encoding.ts";

export type XmlEvents = {
  readonly open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly text?: (text: string) => void;
  readonly close?: (name: string) => void;
  /** Between chunks: what was gathered is written down here. */
  readonly drain?: () => Promise<void>;
};

/** Pieces that are given to the parser at once: what `drain` has to write down stays small. */
const PIECE_BYTES = 1 << 16;

export async function xmlEvents(chunks: AsyncIterable<Buffer>, events: XmlEvents): Promise<void> {
  const parser = new Parser(
    {
      onopentag: (name, attributes) => events.open?.(name, attributes),
      ontext: (text) => events.text?.(text),
      onclosetag: (name) => events.close?.(name),
    },
    { xmlMode: true, decodeEntities: true },
  );
  let decoder: TextDecoder | undefined;
  for await (const chunk of chunks) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    for (let from = 0; from < chunk.length; from += PIECE_BYTES) {
      parser.write(decoder.decode(chunk.subarray(from, from + PIECE_BYTES), { stream: true }));
      await events.drain?.();
    }
  }
  parser.end(decoder?.decode());
  await events.drain?.();
}

/** `x:sheet` → `sheet`: prefixes are the writer's own choice. */
export function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

/** By its local name. */
export function attribute(
  attributes: Readonly<Record<string, string>>,
  name: string,
): string | undefined {
  const plain = attributes[name];
  if (plain !== undefined) return plain;
  for (const key in attributes) if (localName(key) === name) return attributes[key];
  return undefined;
}
