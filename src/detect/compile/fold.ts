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

/** What `foldSql` makes of a literal that `isPlain`. */
export function foldPlain(literal: string): string {
  return literal.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Has no character with a case but ASCII letters: then `foldSql` is all the folding that it needs. */
export function isPlain(text: string): boolean {
  return Array.from(text).every(isPlainCharacter);
}

/** The longest stretch of the text that `isPlain`, folded; empty where there is none. */
export function longestPlain(text: string): string {
  let longest = "";
  let run = "";
  for (const character of text) {
    run = isPlainCharacter(character) ? run + character : "";
    if (run.length > longest.length) longest = run;
  }
  return foldPlain(longest);
}

function isPlainCharacter(character: string): boolean {
  if (/^\p{ASCII}$/u.test(character)) return true;
  const cased = character.toLowerCase() !== character || character.toUpperCase() !== character;
  return !cased && !/^\p{Surrogate}$/u.test(character);
}
