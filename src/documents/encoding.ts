import { isUtf8 } from "node:buffer";

const LOOKED_AT = 65_536;
const MOST_CONTROL = 0.02;
/** Of terminals' colours. */
const ESCAPE = "\u001b";
const CONTROL = /(?!\s)\p{Cc}/gu;

/** The first of it as text, in the encoding that `decoded` will take; undefined for what is no text. */
export function textOf(head: Buffer): string | undefined {
  const part = head.subarray(0, LOOKED_AT);
  const encoding = encodingOf(part);
  const text = new TextDecoder(encoding).decode(part);
  const control = text.replaceAll(ESCAPE, "").match(CONTROL)?.length ?? 0;
  return control > text.length * MOST_CONTROL ? undefined : text;
}

export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

export function encodingOf(head: Buffer): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  const wide = unmarked(head.subarray(0, 4_096));
  if (wide) return wide;
  return isUtf8(head) || mostlyUtf8(head) ? "utf-8" : "windows-1252";
}

// Text of which every second byte is 0 is what Windows writes.
function unmarked(part: Buffer): Encoding | undefined {
  if (part.length < 16) return undefined;
  const [even, odd] = [zeros(part, 0), zeros(part, 1)];
  if (odd > 0.6 && even < 0.1) return "utf-16le";
  return even > 0.6 && odd < 0.1 ? "utf-16be" : undefined;
}

function zeros(bytes: Buffer, odd: 0 | 1): number {
  let count = 0;
  for (let at = odd; at < bytes.length; at += 2) if (bytes[at] === 0) count += 1;
  return count / Math.max(1, bytes.length / 2);
}

// A head may be cut within a character, and a few broken bytes are damage rather than another encoding.
function mostlyUtf8(head: Buffer): boolean {
  const text = head.toString("utf8");
  const broken = text.match(/\ufffd/g)?.length ?? 0;
  const beyond = text.match(/[\u0080-\u{10ffff}]/gu)?.length ?? 0;
  return broken * 4 <= beyond;
}
