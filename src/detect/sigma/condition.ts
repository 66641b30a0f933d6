// Conditions: names joined by or, and, not (from least to most binding), brackets, `1 of …` and `all of …`.

/** What a condition says, with names for what it refers to. Shares its parts: it is a graph, not a tree. */
export type Named =
  | { readonly and: readonly Named[] }
  | { readonly or: readonly Named[] }
  | { readonly not: Named }
  | { readonly name: string };

export type ConditionContext = {
  /** All that may be named. Those that start with `_` are no part of `them`, nor of a pattern that does not start so. */
  readonly names: readonly string[];
  /** How the names are called: selection, rule. */
  readonly noun: string;
};

export type ConditionProblem = { readonly at: number; readonly message: string };

const DEEPEST = 100;
const MOST_NODES = 10_000;

/** `at`: where in the text. */
export function readCondition(text: string, context: ConditionContext): Named | ConditionProblem {
  try {
    return new Reader(text, context).read();
  } catch (error) {
    if (error instanceof Wrong) return { at: error.at, message: error.message };
    throw error;
  }
}

/** The names that a condition uses. */
export function namesIn(condition: Named, found: Set<string> = new Set()): Set<string> {
  if ("name" in condition) return found.add(condition.name);
  const parts =
    "not" in condition ? [condition.not] : "and" in condition ? condition.and : condition.or;
  for (const part of parts) namesIn(part, found);
  return found;
}

class Wrong extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

type Token = { readonly text: string; readonly at: number };

class Reader {
  readonly #tokens: readonly Token[];
  readonly #context: ConditionContext;
  readonly #end: number;
  #next = 0;
  #depth = 0;
  #nodes = 0;

  constructor(text: string, context: ConditionContext) {
    this.#tokens = Array.from(text.matchAll(/[()|,]|[^\s()|,]+/g), (found) => ({
      text: found[0],
      at: found.index,
    }));
    this.#context = context;
    this.#end = text.trimEnd().length;
  }

  read(): Named {
    if (this.#tokens.length === 0)
      throw new Wrong(0, `the condition is empty: name a ${this.#context.noun}`);
    const made = this.#or();
    const token = this.#tokens[this.#next];
    if (!token) return made;
    if (token.text === ")") throw new Wrong(token.at, "no bracket is open here: remove it");
    throw new Wrong(token.at, `write \`and\` or \`or\` before ${shown(token)}`);
  }

  #or(): Named {
    const parts = [this.#and()];
    while (this.#takes("or")) parts.push(this.#and());
    return join(parts, (or) => ({ or }));
  }

  #and(): Named {
    const parts = [this.#not()];
    while (this.#takes("and")) parts.push(this.#not());
    return join(parts, (and) => ({ and }));
  }

  #not(): Named {
    this.#nodes += 1;
    const at = this.#tokens[this.#next]?.at ?? this.#end;
    if (this.#nodes > MOST_NODES)
      throw new Wrong(at, `more than ${MOST_NODES} parts: write several rules`);
    this.#depth += 1;
    if (this.#depth > DEEPEST)
      throw new Wrong(at, `nested more than ${DEEPEST} deep: write it flatter`);
    const made = this.#takes("not") ? { not: this.#not() } : this.#operand();
    this.#depth -= 1;
    return made;
  }

  #operand(): Named {
    const token = this.#take();
    if (token.text === "(") {
      const made = this.#or();
      if (!this.#takes(")"))
        throw new Wrong(
          this.#tokens[this.#next]?.at ?? token.at,
          `the bracket at ${token.at + 1} is not closed here: add \`)\`, or \`and\` or \`or\``,
        );
      return made;
    }
    if (/^(?:[)|,]|and|or|of)$/i.test(token.text))
      throw new Wrong(token.at, `a ${this.#context.noun} is wanted here, not ${shown(token)}`);
    if (this.#tokens[this.#next]?.text.toLowerCase() === "of") return this.#chosen(token);
    if (!this.#context.names.includes(token.text)) throw new Wrong(token.at, this.#unknown(token));
    return { name: token.text };
  }

  /** `1 of selection*`, `all of them`, `2 of filter_*`. */
  #chosen(quantity: Token): Named {
    this.#next += 1;
    const pattern = this.#take();
    const names = this.#choose(pattern);
    const parts = names.map((name) => ({ name }));
    if (quantity.text.toLowerCase() === "all") return join(parts, (and) => ({ and }));
    const least =
      quantity.text.toLowerCase() === "any" ? 1 : Number(/^\d{1,6}$/.exec(quantity.text)?.[0]);
    if (!(least > 0))
      throw new Wrong(
        quantity.at,
        `before \`of\` stands 1, all or another number, not ${shown(quantity)}`,
      );
    if (least > names.length)
      throw new Wrong(
        quantity.at,
        `only ${names.length} of them are there: write at most \`${names.length} of\``,
      );
    return this.#atLeast(least, parts, quantity.at);
  }

  #choose({ text, at }: Token): string[] {
    const { names, noun } = this.#context;
    const open = names.filter((name) => !name.startsWith("_") || text.startsWith("_"));
    const chosen =
      text.toLowerCase() === "them" ? open : open.filter((name) => matches(text, name));
    if (chosen.length === 0) throw new Wrong(at, `no ${noun} is named like ${shown({ text, at })}`);
    return chosen;
  }

  /** Written out by whether the first is among them, each remainder once. */
  #atLeast(least: number, parts: readonly Named[], at: number): Named {
    const known = new Map<string, Named>();
    const made = (wanted: number, from: number): Named => {
      const rest = parts.slice(from);
      if (wanted === 1) return join(rest, (or) => ({ or }));
      if (wanted === rest.length) return join(rest, (and) => ({ and }));
      const key = `${wanted} ${from}`;
      const before = known.get(key);
      const [first] = rest;
      if (before || !first) return before ?? { or: [] };
      this.#nodes += rest.length;
      if (this.#nodes > MOST_NODES || parts.length > DEEPEST)
        throw new Wrong(at, "too many to write out: use `1 of` or `all of`");
      const result = { or: [{ and: [first, made(wanted - 1, from + 1)] }, made(wanted, from + 1)] };
      known.set(key, result);
      return result;
    };
    return made(least, 0);
  }

  #unknown(token: Token): string {
    const { names, noun } = this.#context;
    if (token.text.includes("*")) return `write \`1 of ${token.text}\` or \`all of ${token.text}\``;
    const known = names.slice(0, 8).join(", ");
    return `there is no ${noun} ${shown(token)}${known === "" ? "" : `; there are ${known}`}`;
  }

  #take(): Token {
    const token = this.#tokens[this.#next];
    if (!token) throw new Wrong(this.#end, `a ${this.#context.noun} is wanted at the end`);
    this.#next += 1;
    return token;
  }

  #takes(word: string): boolean {
    if (this.#tokens[this.#next]?.text.toLowerCase() !== word) return false;
    this.#next += 1;
    return true;
  }
}

function join(parts: readonly Named[], make: (parts: readonly Named[]) => Named): Named {
  const [only, ...rest] = parts;
  return only && rest.length === 0 ? only : make(parts);
}

const shown = ({ text }: Token): string =>
  `\`${text.length > 60 ? `${text.slice(0, 60)}…` : text}\``;

/** `*` is any text. Linear in the name for each part between stars. */
function matches(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === name;
  const last = rest.pop() ?? "";
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last))
    return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > name.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}
