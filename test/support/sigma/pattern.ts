// Sigma's strings: text with wildcards and escapes, by the sections "String Wildcard" and "Escape Character" of the
// specification.

export const ANY = Symbol("any");
export const ONE = Symbol("one");
export type Pattern = readonly (string | typeof ANY | typeof ONE)[];

/** `\` takes the meaning from a wildcard or a backslash behind it; before anything else it is itself. */
export function readPattern(written: string): Pattern {
  const parts: (string | typeof ANY | typeof ONE)[] = [];
  const characters = Array.from(written);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    const next = characters[at + 1];
    if (character === "\\" && (next === "*" || next === "?" || next === "\\")) {
      parts.push(next);
      at++;
    } else if (character === "*") parts.push(ANY);
    else if (character === "?") parts.push(ONE);
    else parts.push(character);
  }
  return parts;
}

export const literally = (text: string): Pattern => Array.from(text);

/** The text of a pattern without wildcards. */
export function plainText(pattern: Pattern): string {
  if (pattern.some((part) => typeof part === "symbol")) {
    throw new Error("a wildcard stands where only text may stand");
  }
  return pattern.map(String).join("");
}

/** Over the whole text. Letters of either case are the same unless `cased`. */
export function matchesWhole(pattern: Pattern, text: string, cased: boolean): boolean {
  return new RegExp(`^${regexOf(pattern)}$`, cased ? "su" : "siu").test(text);
}

/** Anywhere in the text. */
export function occursIn(pattern: Pattern, text: string, cased: boolean): boolean {
  return new RegExp(regexOf(pattern), cased ? "su" : "siu").test(text);
}

function regexOf(pattern: Pattern): string {
  return pattern
    .map((part) => {
      if (part === ANY) return ".*";
      if (part === ONE) return ".";
      return part.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&");
    })
    .join("");
}
