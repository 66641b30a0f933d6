// `[…]`: the members, written so that RE2 takes each for what PCRE takes it for.
import { readEscaped, writePoint } from "./escape.ts";
import { RefusedError, type Scanner } from "./scanner.ts";

const POSIX = new Set([
  "alnum",
  "alpha",
  "ascii",
  "blank",
  "cntrl",
  "digit",
  "graph",
  "lower",
  "print",
  "punct",
  "space",
  "upper",
  "word",
  "xdigit",
]);

type Member = { readonly set: string } | { readonly point: number };

/** `at`: of the bracket, which the scanner stands behind. */
export function readClass(scanner: Scanner, at: number): string {
  const out = [scanner.takeMatch(/\^/y) ? "[^" : "["];
  if (scanner.takeMatch(/\]/y)) out.push(...readRange(scanner, { point: 0x5d }, at));
  while (scanner.peek() !== "]") {
    if (scanner.isDone)
      throw new RefusedError(
        at,
        "this class is not closed: add `]`, or write `\\[` for the character",
      );
    const start = scanner.at;
    const member = readMember(scanner);
    if (member) out.push(...readRange(scanner, member, start));
  }
  scanner.take();
  if (out.length === 1) throw new RefusedError(at, "nothing stands in this class");
  return `${out.join("")}]`;
}

/** The member, with what it ranges to where a `-` and an end follow. */
function readRange(scanner: Scanner, from: Member, at: number): string[] {
  if ("set" in from || !scanner.takeMatch(/-(?!\])/y)) return [writeMember(from)];
  const to = scanner.isDone ? undefined : readMember(scanner);
  if (!to) return [writeMember(from), "\\-"];
  if ("set" in to) return [writeMember(from), "\\-", to.set];
  if (to.point < from.point)
    throw new RefusedError(at, "this range runs backwards: the smaller character comes first");
  return [`${writeMember(from)}-${writeMember(to)}`];
}

/** Undefined where it stands for nothing: the marks of a quotation. */
function readMember(scanner: Scanner): Member | undefined {
  const at = scanner.at;
  const posix = scanner.takeMatch(/\[:(\^?)([a-z]+):\]/y);
  if (posix) {
    if (!POSIX.has(posix[2] ?? ""))
      throw new RefusedError(at, "there is no such class: [:alpha:], [:digit:], [:space:], …");
    return { set: posix[0] };
  }
  if (scanner.takeMatch(/\[[.=]/y))
    throw new RefusedError(at, "collating elements are not supported: write the character");
  const character = scanner.take();
  if (character !== "\\") return { point: character.codePointAt(0) ?? 0 };
  if (scanner.takeMatch(/b/y)) return { point: 8 };
  if (scanner.takeMatch(/E/y)) return undefined;
  if (scanner.takeMatch(/[QRXBNAzZ]/y))
    throw new RefusedError(at, "this means nothing inside of a class: write it outside");
  return readEscaped(scanner, at);
}

const writeMember = (member: Member): string =>
  "set" in member ? member.set : writePoint(member.point, /[\\^[\]-]/);
