// The specification's regular expressions, which are PCRE's, said in JavaScript's: a dot and the anchors know only `\n` as the
// end of a line, `\s` is ASCII, and what need not be escaped may be.

export type RegexFlags = { readonly i: boolean; readonly m: boolean; readonly s: boolean };

export function regexOf(source: string, flags: RegexFlags): RegExp {
  const [leading = "", own = ""] = /^\(\?([ims]+)\)/.exec(source) ?? [];
  const all = {
    i: flags.i || own.includes("i"),
    m: flags.m || own.includes("m"),
    s: flags.s || own.includes("s"),
  };
  const tokens =
    source.slice(leading.length).match(/\\[\s\S]|\[\^?\]?|\{\d+(?:,\d*)?\}|[\s\S]/gu) ?? [];
  let inside = false;
  const translated = tokens.map((token) => {
    if (inside) {
      if (token === "]") inside = false;
      return inClass(token);
    }
    if (token.startsWith("[")) {
      inside = true;
      return token.replace("]", String.raw`\]`);
    }
    return outside(token, all);
  });
  return new RegExp(translated.join(""), all.i ? "iu" : "u");
}

const SPACE = String.raw`\t\n\f\r `;

function outside(token: string, flags: RegexFlags): string {
  switch (token) {
    case ".":
      return flags.s ? String.raw`[\s\S]` : String.raw`[^\n]`;
    case "^":
      return flags.m ? String.raw`(?<=\n|^)` : "^";
    case "$":
      // V8 does not find `[^a]$` in a text of one character that takes two units of UTF-16.
      return flags.m ? String.raw`(?=\n|$)` : String.raw`(?![\s\S])`;
    case String.raw`\s`:
      return `[${SPACE}]`;
    case String.raw`\S`:
      return `[^${SPACE}]`;
    case "]":
    case "{":
    case "}":
      return `\\${token}`;
    default:
      return escape(token);
  }
}

function inClass(token: string): string {
  if (token === String.raw`\s`) return SPACE;
  if (token === "]" || token === String.raw`\-`) return token;
  return token.length === 1 && "[{}()|/-".includes(token) && token !== "-"
    ? `\\${token}`
    : escape(token);
}

/** JavaScript refuses a backslash before what means nothing special. */
const escape = (token: string): string =>
  /^\\[^a-zA-Z0-9^$\\.*+?()[\]{}|/-]$/u.test(token)
    ? token.slice(1)
    : token === String.raw`\-`
      ? "-"
      : token;
