// Rules that somebody wrote, damaged at random: closer to what a reader must bear than noise is.
import * as fc from "fast-check";

const NASTY = [
  ...Array.from("'\"*&![]{}|>%@`:#-?,\\"),
  "\0",
  "\t",
  "\u{1F600}",
  "\uFEFF",
  "\u2028",
  " - ",
  ": ",
  "null",
  "~",
  "0x7fffffffffffffffff",
  "9".repeat(400),
  "1e999",
  ".nan",
  "*".repeat(60),
  "(".repeat(200),
  "not ".repeat(300),
  "x".repeat(5000),
  "&a [*a,*a]",
  "<<: *a",
  "!!binary aGk=",
  "!!js/function x",
  "? ",
  "---\n",
  "...\n",
  "%YAML 1.1\n",
  " and ",
  " or ",
  " of ",
  "all of them",
  "1 of x*",
  "(a+)+$",
  "(?=x)",
  "\\1",
  "[^",
  "{1,9999}",
  "::/0",
  "10.0.0.0/33",
];
const MODIFIERS =
  "all startswith endswith contains exists cased neq windash re i m s base64 base64offset utf16le utf16be utf16 wide lt lte gt gte minute hour day week month year cidr expand fieldref nonsense".split(
    " ",
  );

/** How a text is damaged: `at` and `other` say where, from 0 to 1. */
type Damage = {
  readonly kind: (typeof KINDS)[number];
  readonly at: number;
  readonly other: number;
  readonly token: string;
  readonly modifier: string;
};

const KINDS = [
  "delete line",
  "repeat line",
  "swap lines",
  "indent line",
  "outdent line",
  "insert",
  "replace",
  "cut off",
  "modifier",
] as const;

const fraction = fc.double({ min: 0, max: 0.999_999, noNaN: true });

export const anyDamage: fc.Arbitrary<readonly Damage[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...KINDS),
    at: fraction,
    other: fraction,
    token: fc.constantFrom(...NASTY),
    modifier: fc.constantFrom(...MODIFIERS),
  }),
  { minLength: 1, maxLength: 4 },
);

export function damaged(text: string, damages: readonly Damage[]): string {
  return damages.reduce((left, damage) => damageOnce(left, damage), text);
}

function damageOnce(text: string, damage: Damage): string {
  const { kind, at, token, modifier } = damage;
  const place = Math.floor(at * text.length);
  if (kind === "insert") return text.slice(0, place) + token + text.slice(place);
  if (kind === "replace") return text.slice(0, place) + token + text.slice(place + token.length);
  if (kind === "cut off") return text.slice(0, place);
  if (kind === "modifier") {
    const colon = text.indexOf(":", place);
    return colon < 0 ? text : `${text.slice(0, colon)}|${modifier}${text.slice(colon)}`;
  }
  return damageLine(text.split("\n"), damage).join("\n");
}

function damageLine(lines: readonly string[], { kind, at, other }: Damage): readonly string[] {
  const index = Math.floor(at * lines.length);
  const second = Math.floor(other * lines.length);
  const line = lines[index] ?? "";
  if (kind === "delete line") return lines.toSpliced(index, 1);
  if (kind === "repeat line") return lines.toSpliced(second, 0, line);
  if (kind === "indent line") return lines.with(index, `  ${line}`);
  if (kind === "outdent line") return lines.with(index, line.replace(/^ {1,4}/, ""));
  return lines.with(index, lines[second] ?? "").with(second, line);
}
