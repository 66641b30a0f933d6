import { encodeWord, foldLines } from "nodemailer/lib/mime-funcs";

/** `Name: value`, folded, in ASCII (RFC 2047 where needed). Controls become spaces, so no value can end its line. */
export function textHeader(name: string, value: string): string {
  const line = value.replaceAll(/\p{Cc}+/gu, " ").trim();
  const ascii = /^[\x20-\x7e]*$/.test(line) && !line.includes("=?");
  return foldLines(`${name}: ${ascii ? line : encodeWord(line, "Q", 52)}`, 76);
}

/** `Name: "Example Cloud" <security@example.cloud>`. The address must have passed `mailAddress`. */
export function mailboxHeader(name: string, display: string, address: string): string {
  const line = display.replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ").trim();
  if (line === "") return `${name}: <${address}>`;
  const ascii = /^[\x20-\x7e]*$/.test(line) && !line.includes("=?");
  const phrase = ascii ? `"${line.replaceAll(/["\\]/g, "\\$&")}"` : encodeWord(line, "Q", 52);
  return foldLines(`${name}: ${phrase} <${address}>`, 76);
}

/** RFC 5322, 3.3, in UTC. */
export function mailDate(at: Date): string {
  return at.toUTCString().replace("GMT", "+0000");
}
