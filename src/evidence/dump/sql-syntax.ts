// The little of SQL that dumps are written in: names, values, what may be passed over.

export type Flavour = {
  /** A backslash escapes within strings: MySQL and MariaDB; PostgreSQL only in E'…'. */
  readonly backslash: boolean;
};

const NAME = /(?:`(?:[^`]|``)+`|"(?:[^"]|"")+"|\[[^\]]+\]|[\p{L}\p{N}_$]+)/u.source;
const TABLE = `(?:${NAME}\\s*\\.\\s*)*(${NAME})`;
const LIST = `\\(([^()]*)\\)`;

export const INSERT = new RegExp(
  `(?:insert|replace)\\s+(?:(?:low_priority|delayed|high_priority|ignore|or\\s+\\w+)\\s+)*into\\s+${TABLE}\\s*(?:${LIST}\\s*)?(?:overriding\\s+\\w+\\s+value\\s+)?values?\\s*`,
  "iuy",
);
export const COPY = new RegExp(
  `copy\\s+${TABLE}\\s*(?:${LIST}\\s*)?from\\s+stdin[^;\\n]*;[ \\t\\r]*\\n`,
  "iuy",
);
export const CREATE = new RegExp(
  `create\\s+(?:\\w+\\s+)*?table\\s+(?:if\\s+not\\s+exists\\s+)?${TABLE}\\s*\\(`,
  "iuy",
);

export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

export function unquotedName(name: string): string {
  const first = name[0];
  if (first === "`") return name.slice(1, -1).replaceAll("``", "`");
  if (first === '"') return name.slice(1, -1).replaceAll('""', '"');
  return first === "[" ? name.slice(1, -1) : name;
}

/** `a, "b c"` → names. */
export function namesOf(list: string): string[] {
  return [...list.matchAll(new RegExp(NAME, "gu"))].map(([name]) => unquotedName(name));
}

const NO_COLUMN =
  /^(?:primary|key|unique|constraint|index|fulltext|spatial|foreign|check|exclude|like|period)$/i;

/** The names of the columns out of what stands between the parentheses of `create table`. */
export function columnsOfTable(body: string, flavour: Flavour): string[] {
  const names: string[] = [];
  for (const item of topLevelItems(body, flavour)) {
    const found = matchAt(new RegExp(`\\s*(${NAME})`, "uy"), item, 0);
    const name = found?.[1];
    if (name !== undefined && !NO_COLUMN.test(name)) names.push(unquotedName(name));
  }
  return names;
}

function topLevelItems(body: string, flavour: Flavour): string[] {
  const items: string[] = [];
  let from = 0;
  let depth = 0;
  for (let at = 0; at < body.length;) {
    const past = passQuoted(body, at, flavour);
    if (past === undefined) break;
    if (past === at) {
      const char = body[at];
      if (char === "(") depth += 1;
      if (char === ")") depth -= 1;
      if (char === "," && depth === 0) {
        items.push(body.slice(from, at));
        from = at + 1;
      }
    }
    at = Math.max(past, at + 1);
  }
  return [...items, body.slice(from)];
}

/** Behind blanks and comments. Undefined where a comment does not end within the text. */
export function passBlank(text: string, at: number, ended: boolean): number | undefined {
  let next = at;
  for (;;) {
    const found = matchAt(/(?:\s+|(?:--|#)[^\n]*\n)+/y, text, next);
    if (found) next += found[0].length;
    if (text.startsWith("/*", next)) {
      const end = text.indexOf("*/", next + 2);
      if (end < 0) return ended ? text.length : undefined;
      next = end + 2;
    } else if (text.startsWith("--", next) || text[next] === "#") {
      return ended ? text.length : undefined;
    } else {
      return next;
    }
  }
}

/** Behind a quoted text or comment that begins here; `at` itself where none begins; undefined where it does not end. */
export function passQuoted(text: string, at: number, flavour: Flavour): number | undefined {
  const char = text[at];
  if (char === "'")
    return closing(text, at, { backslash: flavour.backslash || /[eE]/.test(text[at - 1] ?? "") });
  if (char === '"' || char === "`")
    return closing(text, at, { backslash: char === '"' && flavour.backslash });
  if (text.startsWith("/*", at)) return behind(text.indexOf("*/", at + 2), 2);
  if (text.startsWith("--", at)) return behind(text.indexOf("\n", at), 1);
  return char === "$" ? passDollars(text, at) : at;
}

// PostgreSQL's $tag$ … $tag$.
function passDollars(text: string, at: number): number | undefined {
  const tag = matchAt(/\$(?:[A-Za-z_]\w*)?\$/y, text, at)?.[0];
  return tag === undefined ? at : behind(text.indexOf(tag, at + tag.length), tag.length);
}

function behind(at: number, length: number): number | undefined {
  return at < 0 ? undefined : at + length;
}

// The quote is doubled within itself.
function closing(
  text: string,
  at: number,
  { backslash }: { backslash: boolean },
): number | undefined {
  const quote = text[at] ?? "";
  const pattern = backslash ? (quote === "'" ? /['\\]/g : /["\\]/g) : undefined;
  for (let next = at + 1; ;) {
    const found = nextOf(text, next, { quote, pattern });
    if (found < 0) return undefined;
    if (text[found] === "\\") next = found + 2;
    else if (found + 1 >= text.length) return found + 1;
    else if (text[found + 1] === quote) next = found + 2;
    else return found + 1;
  }
}

function nextOf(
  text: string,
  from: number,
  { quote, pattern }: { quote: string; pattern: RegExp | undefined },
): number {
  if (!pattern) return text.indexOf(quote, from);
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}
