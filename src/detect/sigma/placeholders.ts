/** The values of each `%name%` that a rule with `expand` may use. */
export type Placeholders = ReadonlyMap<string, readonly string[]>;

export type PlaceholderProblem = { readonly at: number; readonly message: string };

const MOST = 10_000;
const MOST_CHARACTERS = 10_000_000;

/**
 * `%name%` becomes each of its values in turn, `\%` a percent sign. `write` makes of a value what is put in. A text without a
 * placeholder is itself.
 */
export function expand(
  text: string,
  placeholders: Placeholders,
  write: (value: string) => string = (value) => value,
): readonly string[] | PlaceholderProblem {
  let made: readonly string[] = [""];
  for (const piece of text.matchAll(/\\%|%([\w.-]+)%|[^%\\]+|[%\\]/gu)) {
    const name = piece[1];
    const values =
      name === undefined
        ? [piece[0] === "\\%" ? "%" : piece[0]]
        : placeholders.get(name)?.map(write);
    if (!values || values.length === 0)
      return {
        at: piece.index,
        message: `the placeholder %${name}% has no values: give it some (placeholders: { ${name}: […] }), or write \\% for a percent sign`,
      };
    const count = made.length * values.length;
    if (count > MOST || count * text.length > MOST_CHARACTERS)
      return {
        at: piece.index,
        message: `its placeholders make more than ${MOST} values: use one a value`,
      };
    made = made.flatMap((head) => values.map((value) => head + value));
  }
  return made;
}

export function hasPlaceholder(text: string): boolean {
  return /(?<!\\)%[\w.-]+%/u.test(text);
}
