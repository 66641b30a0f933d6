// Letters of either case as one. Of all that Unicode's simple folding maps to an ASCII letter, only the Kelvin sign and the long s
// are not ASCII themselves: so ASCII patterns need no more than this, at a tenth of the price of `(?i)`.

/** SQL: text whose ASCII letters, Kelvin signs and long s are small letters. Equal to what RE2's `(?i)` takes as equal to ASCII. */
export function foldSql(text: string): string {
  return `replaceAll(replaceAll(lower(${text}), '\u212a', 'k'), '\u017f', 's')`;
}

/** SQL: all letters folded, for values that are compared with values. */
export function foldAllSql(text: string): string {
  return `replaceAll(replaceAll(lowerUTF8(${text}), '\u017f', 's'), 'ς', 'σ')`;
}

/** What `foldSql` makes of a literal that is ASCII. */
export function foldAscii(literal: string): string {
  return literal.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

export function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}
