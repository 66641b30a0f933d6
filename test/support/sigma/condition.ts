// A rule's condition: names joined by or, and, not, with brackets and `1 of …`. Binding from least to most: or, and, not.

/** Does the selection with this name hold? */
export type Holds = (name: string) => boolean;

type Reader = { readonly tokens: readonly string[]; at: number };

/** Makes a function of a condition. `names`: all that it may refer to. Throws where it is no condition. */
export function readCondition(text: string, names: readonly string[]): (holds: Holds) => boolean {
  const reader: Reader = { tokens: text.match(/[()]|[^\s()]+/g) ?? [], at: 0 };
  const made = either(reader, names);
  if (reader.at < reader.tokens.length)
    throw new Error(`not understood: ${peek(reader)} in ${text}`);
  return made;
}

type Made = (holds: Holds) => boolean;

const peek = (reader: Reader): string => reader.tokens[reader.at] ?? "";
const take = (reader: Reader): string => reader.tokens[reader.at++] ?? "";

function either(reader: Reader, names: readonly string[]): Made {
  const left = both(reader, names);
  if (peek(reader) !== "or") return left;
  take(reader);
  const right = either(reader, names);
  return (holds) => left(holds) || right(holds);
}

function both(reader: Reader, names: readonly string[]): Made {
  const left = opposite(reader, names);
  if (peek(reader) !== "and") return left;
  take(reader);
  const right = both(reader, names);
  return (holds) => left(holds) && right(holds);
}

function opposite(reader: Reader, names: readonly string[]): Made {
  if (peek(reader) !== "not") return single(reader, names);
  take(reader);
  const negated = opposite(reader, names);
  return (holds) => !negated(holds);
}

function single(reader: Reader, names: readonly string[]): Made {
  const word = take(reader);
  if (word === "(") {
    const inner = either(reader, names);
    if (take(reader) !== ")") throw new Error("a bracket is not closed");
    return inner;
  }
  if (peek(reader) === "of") {
    take(reader);
    const chosen = choose(take(reader), names);
    const wanted = word === "all" ? chosen.length : Number(word);
    return (holds) => chosen.filter(holds).length >= wanted;
  }
  if (!names.includes(word)) throw new Error(`there is no ${word}`);
  return (holds) => holds(word);
}

/** Names that start with `_` are for the rule itself and never among them. */
function choose(pattern: string, names: readonly string[]): string[] {
  const open = names.filter((name) => !name.startsWith("_"));
  if (pattern === "them") return open;
  const regex = new RegExp(`^${pattern.replaceAll("*", ".*")}$`);
  const chosen = open.filter((name) => regex.test(name));
  if (chosen.length === 0) throw new Error(`nothing is named like ${pattern}`);
  return chosen;
}
