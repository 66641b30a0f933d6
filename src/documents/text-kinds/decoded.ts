import { peek } from "../../logs/reading/peek.ts";
import { decode, without } from "../../logs/reading/plain-text.ts";
import { type Bytes, HEAD_BYTES } from "../bytes.ts";
import { encodingOf } from "../encoding.ts";

export type Decoded = {
  /** '' for UTF-8. */
  readonly encoding: string;
  readonly head: Buffer;
  readonly chunks: AsyncGenerator<Buffer>;
};

/** The same text as UTF-8 without a mark. What is not UTF-8 is read as Windows-1252, which every byte means something in. */
export async function decoded(bytes: Bytes): Promise<Decoded> {
  const encoding = encodingOf(bytes.head);
  const marked = bytes.head[0] === 0xef && bytes.head[1] === 0xbb && bytes.head[2] === 0xbf;
  if (encoding === "utf-8" && !marked)
    return { encoding: "", head: bytes.head, chunks: bytes.chunks };
  if (encoding === "utf-8")
    return { encoding: "", ...(await peek(without(bytes.chunks, 3), HEAD_BYTES)) };
  return { encoding, ...(await peek(decode(bytes.chunks, encoding), HEAD_BYTES)) };
}

export function described(kind: string, { encoding }: Decoded): string {
  return encoding === "" ? kind : `${kind}, ${encoding}`;
}
