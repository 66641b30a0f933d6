// Whether what a field holds is what a rule asks for.
import { find, type Found, type Json, type Scalar, textOf } from "./event.ts";
import type { Ask } from "./modifiers.ts";
import { inRange } from "./network.ts";
import { ANY, literally, matchesWhole, type Pattern } from "./pattern.ts";
import { regexOf } from "./regex.ts";
import { timePart } from "./time-part.ts";

const ORDER = {
  lt: (a: number, b: number) => a < b,
  lte: (a: number, b: number) => a <= b,
  gt: (a: number, b: number) => a > b,
  gte: (a: number, b: number) => a >= b,
} as const;
const TIME_PARTS = ["minute", "hour", "day", "week", "month", "year"] as const;

/** Does the field of the event answer what is asked? */
export function answers(ask: Ask, field: string, event: Json): boolean {
  const found = find(event, field);
  const { modifiers, value } = ask;
  if (modifiers.has("exists")) return found.present === value;
  if (value === null) return found.none;
  if (modifiers.has("fieldref")) return equalsField(ask, found, find(event, textOf(value)));
  return found.values.some((scalar) => answersScalar(ask, scalar));
}

function answersScalar(ask: Ask, scalar: Scalar): boolean {
  const { modifiers, value } = ask;
  if (modifiers.has("re")) return regexOfAsk(ask).test(String(scalar));
  if (modifiers.has("cidr")) return inRange(String(scalar), textOf(value));
  const part = TIME_PARTS.find((name) => modifiers.has(name));
  const order = (["lt", "lte", "gt", "gte"] as const).find((name) => modifiers.has(name));
  const number = part === undefined ? numberOf(scalar) : timePart(String(scalar), part);
  if (order) return number !== undefined && ORDER[order](number, Number(value));
  if (part) return number === Number(value);
  const rewritten = ["contains", "startswith", "endswith", "base64", "base64offset"];
  if (typeof value === "number" && !rewritten.some((name) => modifiers.has(name))) {
    return number === undefined ? String(scalar) === String(value) : number === value;
  }
  return matchesWhole(ask.pattern, String(scalar), modifiers.has("cased"));
}

/** A value that reads as a decimal number. */
export function numberOf(scalar: Scalar): number | undefined {
  if (typeof scalar === "boolean") return undefined;
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(String(scalar))
    ? Number(scalar)
    : undefined;
}

export function regexOfAsk({ value, modifiers }: Ask): RegExp {
  return regexOf(textOf(value), {
    i: modifiers.has("i") || modifiers.has("ignorecase"),
    m: modifiers.has("m") || modifiers.has("multiline"),
    s: modifiers.has("s") || modifiers.has("dotall"),
  });
}

function equalsField(ask: Ask, left: Found, right: Found): boolean {
  const has = (name: string): boolean => ask.modifiers.has(name);
  const any: Pattern = [ANY];
  const before = has("contains") || has("endswith") ? any : [];
  const behind = has("contains") || has("startswith") ? any : [];
  return left.values.some((value) =>
    right.values.some((other) =>
      matchesWhole(
        [...before, ...literally(String(other)), ...behind],
        String(value),
        has("cased"),
      ),
    ),
  );
}
