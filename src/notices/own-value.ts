import { parse } from "tldts";

const LONGEST = 80;

// Everything that could move, hide or end text: controls, surrogates, private use, and format characters but for the two joiners that
// Persian and Indic names need.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|(?![\u200C\u200D])\p{Cf}/gu;

/**
 * A value of a person's own as it may stand in a notice: one line, no invisible characters, at most 80 characters, and nothing that a
 * mail program would turn into a link (somebody signed up as "visit evil.example" to have our mail say so).
 */
export function ownValue(value: string): string {
  const line = value.normalize("NFC").replaceAll(/\s+/gu, " ").replaceAll(UNPRINTABLE, "").trim();
  const short =
    line.length > LONGEST
      ? `${line
          .slice(0, LONGEST)
          .toWellFormed()
          .replace(/\uFFFD$/, "")}…`
      : line;
  return looksLikeLink(short) ? short.replaceAll(/[.:/]/g, "$&\u2060") : short;
}

function looksLikeLink(value: string): boolean {
  if (!/[.:/]/.test(value)) return false;
  if (/:\/\/|www\.|\w:\w*\//i.test(value)) return true;
  // An e-mail address is what many accounts are called; its link writes to its own reader.
  return value.split(" ").some((word) => !word.includes("@") && parse(word).isIcann === true);
}
