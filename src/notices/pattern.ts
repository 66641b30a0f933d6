import {
  base64Lines,
  quotedPrintableLine,
  transferEncodingOf,
  type TransferEncoding,
} from "../mail/text-part.ts";
import { hasHole, splitAtHoles } from "./hole.ts";

/** A text with holes, encoded for mail as far as it is the same for everybody. `fill` gives the encoded part, CRLF at its end. */
export type Pattern = {
  readonly encoding: TransferEncoding;
  fill(values: readonly string[]): string;
};

/** `text` has LF line ends. */
export function patternOf(text: string): Pattern {
  const encoding = transferEncodingOf(text);
  if (encoding === "base64") {
    const parts = splitAtHoles(text);
    return { encoding, fill: (values) => `${base64Lines(join(parts, values))}\r\n` };
  }
  const pieces = quotedPrintablePieces(text);
  return {
    encoding,
    fill: (values) => {
      let out = "";
      for (const piece of pieces) {
        out +=
          typeof piece === "string" ? piece : `${quotedPrintableLine(join(piece, values))}\r\n`;
      }
      return out;
    },
  };
}

// Neighbouring lines without holes become one piece.
function quotedPrintablePieces(text: string): (string | readonly string[])[] {
  const pieces: (string | readonly string[])[] = [];
  let same = "";
  for (const line of text.replace(/\n$/, "").split("\n")) {
    if (!hasHole(line)) {
      same += `${quotedPrintableLine(line)}\r\n`;
      continue;
    }
    if (same !== "") pieces.push(same);
    same = "";
    pieces.push(splitAtHoles(line));
  }
  return same === "" ? pieces : [...pieces, same];
}

function join(parts: readonly string[], values: readonly string[]): string {
  let out = parts[0] ?? "";
  for (let at = 1; at < parts.length; at += 2)
    out += (values[Number(parts[at])] ?? "") + (parts[at + 1] ?? "");
  return out;
}
