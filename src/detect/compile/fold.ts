// Letters of either case as one. Of all that Unicode's simple folding maps to an ASCII letter, only the Kelvin sign and the long s
// are not ASCII themselves: so ASCII patterns need no more than this, at a tenth of the price of `(?i)`.

/** SQL: text whose ASCII letters, Kelvin signs and long s are small letters. Equal to what RE2's `(?i)` takes as equal to ASCII. */
export function foldSql(text: string): string {
  return `replaceAll(replaceAll(lower(${text}), '\u212a', 'k'), '\u017f', 's')`;
}

// What simple folding makes one although the small letters differ (Unicode's CaseFolding.txt, statuses C and S).
const OTHERS =
  "\u00b5\u017f\u0345\u1fd3\u1fe3\u03d0\u03f5\u03d1\u1fbe\u03f0\u03d6\u03f1\u03c2\u03d5\u1c80\u1c81\u1c82\u1c83\u1c84\u1c85\u1c86\u1c87\u1c88\u1e9b\ufb05";
const FOLDED =
  "\u03bc\u0073\u03b9\u0390\u03b0\u03b2\u03b5\u03b8\u03b9\u03ba\u03c0\u03c1\u03c3\u03c6\u0432\u0434\u043e\u0441\u0442\u0442\u044a\u0463\ua64b\u1e61\ufb06";
/** Stands for İ, which becomes two characters as a small letter and is folded to nothing but itself. Not a character. */
const DOTTED = "\ufdd0";

/** SQL: all letters folded, each to one, for values that are compared with values. */
export function foldAllSql(text: string): string {
  return `translateUTF8(lowerUTF8(translateUTF8(${text}, '\u0130', '${DOTTED}')), '${OTHERS}', '${FOLDED}')`;
}

/** What `foldSql` makes of a literal that `isPlain`. */
export function foldPlain(literal: string): string {
  return literal.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Has no character with a case but ASCII letters: then `foldSql` is all the folding that it needs. */
export function isPlain(text: string): boolean {
  return Array.from(text).every(isPlainCharacter);
}

/**
 * All that `foldSql` makes of texts that differ from this one in nothing but the case of letters; undefined where they are too many. One
 * of them is in a folded value exactly where the text is in the value, in whatever case.
 */
export function foldedVariants(text: string): readonly string[] | undefined {
  let variants = [""];
  for (const character of text) {
    const own = isPlainCharacter(character) ? [foldPlain(character)] : sameLetter(character);
    variants = variants.flatMap((before) => own.map((one) => before + one));
    if (variants.length > MOST_VARIANTS) return undefined;
  }
  return variants;
}

const MOST_VARIANTS = 16;

function sameLetter(letter: string): readonly string[] {
  if (/^\p{Surrogate}$/u.test(letter)) return [letter];
  letters ??= Map.groupBy(casedLetters(), simpleFold);
  const same = letters.get(simpleFold(letter)) ?? [letter];
  return [...new Set(same.map((one) => (/^[A-Z\u212a\u017f]$/.test(one) ? simpleFold(one) : one)))];
}

let letters: ReadonlyMap<string, readonly string[]> | undefined;

function* casedLetters(): Generator<string> {
  for (let code = 0; code <= 0x1_ff_ff; code += 1) {
    const letter = String.fromCodePoint(code);
    if (/\p{Changes_When_Casemapped}|\p{Changes_When_Casefolded}/u.test(letter)) yield letter;
  }
}

// As `foldAllSql`.
function simpleFold(letter: string): string {
  const small = letter === "\u0130" ? letter : letter.toLowerCase();
  const other = OTHERS.indexOf(small);
  return other === -1 ? small : (FOLDED[other] ?? small);
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
