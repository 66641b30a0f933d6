// Bodies as they travel (RFC 2045): lines of at most 76 characters, ASCII only, so no relay has a reason to change a byte.
import { encode, wrap } from "nodemailer/lib/qp";

export type TransferEncoding = "quoted-printable" | "base64";

/** The one that is shorter: beyond a third of non-ASCII bytes, three for one in quoted-printable costs more than four for three. */
export function transferEncodingOf(text: string): TransferEncoding {
  const beyond = Buffer.byteLength(text) - text.replaceAll(/[^\x20-\x7e\n]/g, "").length;
  return beyond * 3 > Buffer.byteLength(text) ? "base64" : "quoted-printable";
}

/** Text without line breaks. Every line is encoded alone, so a line that is the same for everybody is encoded once. */
export function quotedPrintableLine(line: string): string {
  return wrap(encode(line), 76);
}

export function base64Lines(text: string): string {
  return Buffer.from(text.replaceAll("\n", "\r\n"), "utf8")
    .toString("base64")
    .replaceAll(/.{76}(?=.)/g, "$&\r\n");
}
