// A hole stands where a person's own value will be. Templates are rendered once a shape, with holes; values enter after Markdown and
// HTML are done, so nothing that a person typed into a name can become markup, a link or a header.

/** Private-use characters (Unicode, 23.5), which templates and values may not contain. */
const OPEN = "\uE000";
const CLOSE = "\uE001";
const HOLE = /\uE000(\d+)\uE001/;

export const NAME_HOLE = 0;
export const CODE_HOLE = 1;
export const ADDRESS_HOLE = 2;
export const FIRST_ACCOUNT_HOLE = 3;

export function hole(index: number): string {
  return `${OPEN}${index}${CLOSE}`;
}

export function hasHole(text: string): boolean {
  return text.includes(OPEN);
}

/** Texts and the numbers of the holes between them, in turn: text, hole, text, hole, … text. */
export function splitAtHoles(text: string): readonly string[] {
  return text.split(new RegExp(HOLE, "g"));
}

export function hasPrivateUse(text: string): boolean {
  return /[\uE000-\uF8FF]/.test(text);
}
