// Sets of accounts by name: `hashed + github - linked`, `(a + b) & c`. `&` binds before `+` and `-`, which go from left to
// right. A name may hold dashes, so a minus has a space on each side: `a - b` is a difference, `a-b` is a name.

export type CohortExpression =
  /** `at`: where in the text, from 0. */
  | { readonly op: "name"; readonly name: string; readonly at: number }
  /** In either, in the first and not in the second, in both. */
  | {
      readonly op: "+" | "-" | "&";
      readonly left: CohortExpression;
      readonly right: CohortExpression;
    };

export type ParsedExpression =
  | { readonly ok: true; readonly expression: CohortExpression }
  | { readonly ok: false; readonly at: number; readonly message: string };

const MOST_CHARACTERS = 2_000;
const DEEPEST = 50;
const TOKEN = /\s*(?:[a-z][a-z0-9_-]*|\S)/gy;

type Token = {
  readonly kind: "name" | "+" | "-" | "&" | "(" | ")" | "end";
  readonly text: string;
  readonly at: number;
};

class Refused extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

export function parseCohortExpression(text: string): ParsedExpression {
  try {
    if (text.length > MOST_CHARACTERS)
      throw new Refused(0, `longer than ${MOST_CHARACTERS} characters`);
    const tokens = new Tokens(tokensOf(text));
    const expression = sumOf(tokens, 0);
    const rest = tokens.next();
    if (rest.kind !== "end") throw new Refused(rest.at, afterName(rest));
    return { ok: true, expression };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, at: error.at, message: error.message };
    throw error;
  }
}

/** The names in it, in the order of the text. */
export function namesIn(
  expression: CohortExpression,
): { readonly name: string; readonly at: number }[] {
  if (expression.op === "name") return [{ name: expression.name, at: expression.at }];
  return [...namesIn(expression.left), ...namesIn(expression.right)];
}

function sumOf(tokens: Tokens, depth: number): CohortExpression {
  let left = commonOf(tokens, depth);
  for (let sign = tokens.peek().kind; sign === "+" || sign === "-"; sign = tokens.peek().kind) {
    tokens.next();
    left = { op: sign, left, right: commonOf(tokens, depth) };
  }
  return left;
}

function commonOf(tokens: Tokens, depth: number): CohortExpression {
  let left = oneOf(tokens, depth);
  while (tokens.peek().kind === "&") {
    tokens.next();
    left = { op: "&", left, right: oneOf(tokens, depth) };
  }
  return left;
}

function oneOf(tokens: Tokens, depth: number): CohortExpression {
  const token = tokens.next();
  if (token.kind === "name") return { op: "name", name: token.text, at: token.at };
  if (token.kind !== "(") {
    throw new Refused(
      token.at,
      token.kind === "end"
        ? "a cohort's name is missing at the end"
        : `a cohort's name is missing before ${token.text}`,
    );
  }
  if (depth >= DEEPEST)
    throw new Refused(token.at, `more than ${DEEPEST} parentheses in each other`);
  const inner = sumOf(tokens, depth + 1);
  const close = tokens.next();
  if (close.kind !== ")")
    throw new Refused(close.at, close.kind === "end" ? "a ) is missing" : afterName(close));
  return inner;
}

function afterName(token: Token): string {
  if (token.kind === "name")
    return `write +, - or & before ${token.text} (a minus with a space on each side)`;
  return `${token.text} does not belong here`;
}

class Tokens {
  readonly #tokens: readonly Token[];
  #at = 0;
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }
  peek(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "", at: 0 };
  }
  next(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }
}

function tokensOf(text: string): Token[] {
  const tokens = [...text.matchAll(TOKEN)].map((match) =>
    tokenOf(match[0].trimStart(), match.index + match[0].length),
  );
  return [...tokens, { kind: "end", text: "", at: text.trimEnd().length }];
}

function tokenOf(text: string, end: number): Token {
  const at = end - text.length;
  if (/^[a-z]/.test(text)) return { kind: "name", text, at };
  if (text === "+" || text === "-" || text === "&" || text === "(" || text === ")")
    return { kind: text, text, at };
  throw new Refused(at, "write cohorts' names (a-z, 0-9, - and _) with +, -, & and ( )");
}
