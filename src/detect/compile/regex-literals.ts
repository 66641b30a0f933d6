// Literals without which a regular expression cannot match, so that a search for plain text finds the events worth a closer look.

/**
 * Any text that the expression (RE2 syntax) matches holds one of these, whatever the case of ASCII letters: they are in small letters.
 * Undefined where no such set is seen. Careful rather than clever: what it does not know, it takes for anything.
 */
export function regexLiterals(source: string): readonly string[] | undefined {
  if (source.includes("\\Q") || /\\[0-9]/.test(source) || source.length > LONGEST) return undefined;
  const state: State = { source, at: 0, depth: 0 };
  const found = alternatives(state);
  if (state.at < source.length || found === undefined) return undefined;
  return found;
}

const LONGEST = 20_000;
const DEEPEST = 100;

type State = { readonly source: string; at: number; depth: number };
type Literals = readonly string[] | undefined;
type Part = { readonly literal?: string; readonly group?: Literals };

function alternatives(state: State): Literals {
  const branches: Literals[] = [sequence(state)];
  while (state.source[state.at] === "|") {
    state.at += 1;
    branches.push(sequence(state));
  }
  const known = branches.filter((branch) => branch !== undefined);
  return known.length === branches.length ? known.flat() : undefined;
}

// The best of its runs of literal characters and of its groups: that whose shortest literal is longest.
function sequence(state: State): Literals {
  let best: Literals;
  let run = "";
  const endRun = (): void => {
    if (run !== "") best = better(best, [run]);
    run = "";
  };
  while (state.at < state.source.length && !/[|)]/.test(state.source[state.at] ?? "")) {
    const part = onePart(state);
    const times = quantifier(state);
    if (part.literal === undefined || times === "any") endRun();
    if (times === "any") continue;
    if (part.group !== undefined) best = better(best, part.group);
    if (part.literal !== undefined) run += part.literal;
    if (times === "some") endRun();
  }
  endRun();
  return best;
}

function better(one: Literals, other: Literals): Literals {
  if (one === undefined || other === undefined) return one ?? other;
  return shortest(other) > shortest(one) ? other : one;
}

function shortest(literals: readonly string[]): number {
  return literals.reduce((least, { length }) => Math.min(least, length), Infinity);
}

function quantifier(state: State): "once" | "some" | "any" {
  const rest = state.source.slice(state.at, state.at + 32);
  const found = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})/.exec(rest);
  if (found === null) return "once";
  state.at += found[0].length;
  if (state.source[state.at] === "?") state.at += 1;
  const least = found[0] === "+" ? 1 : Number(found[1] ?? 0);
  return least === 0 ? "any" : "some";
}

const ANYTHING: Part = {};

function onePart(state: State): Part {
  const character = state.source[state.at] ?? "";
  if (character === "(") return group(state);
  if (character === "[") return characterClass(state);
  if (character === "\\") return escape(state);
  const point = String.fromCodePoint(state.source.codePointAt(state.at) ?? 0);
  state.at += point.length;
  return /[.^$]/.test(point) ? ANYTHING : literal(point);
}

function literal(character: string): Part {
  return /^\p{ASCII}$/u.test(character) ? { literal: character.toLowerCase() } : ANYTHING;
}

function group(state: State): Part {
  const opening =
    /^\((?:\?(?:P?<\w+>|[imsU-]*[:)]))?/.exec(state.source.slice(state.at, state.at + 200))?.[0] ??
    "(";
  state.at += opening.length;
  if (opening.length > 1 && opening.endsWith(")")) return ANYTHING; // flags alone
  state.depth += 1;
  const inside = state.depth > DEEPEST ? undefined : alternatives(state);
  state.depth -= 1;
  if (state.source[state.at] !== ")") state.at = state.source.length + 1; // not understood: the whole is given up
  state.at += 1;
  return { group: inside };
}

function characterClass(state: State): Part {
  const found = /^\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]/.exec(state.source.slice(state.at));
  state.at += found?.[0].length ?? state.source.length + 1;
  return ANYTHING;
}

const CONTROLS: Readonly<Record<string, string>> = {
  t: "\t",
  n: "\n",
  r: "\r",
  f: "\f",
  v: "\v",
  a: "\x07",
};

function escape(state: State): Part {
  const rest = state.source.slice(state.at, state.at + 80);
  const wide = /^\\(?:[pP](?:\{[^}]*\}|[\s\S])|x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{2}))/.exec(rest);
  if (wide !== null) {
    state.at += wide[0].length;
    const code = Number.parseInt(wide[1] ?? wide[2] ?? "0", 16);
    return code > 0 && code < 128 ? literal(String.fromCharCode(code)) : ANYTHING;
  }
  const escaped = rest[1] ?? "";
  state.at += 2;
  if (/[A-Za-z]/.test(escaped)) return literal(CONTROLS[escaped] ?? "");
  return /^[\x21-\x7e]$/.test(escaped) ? literal(escaped) : ANYTHING;
}
