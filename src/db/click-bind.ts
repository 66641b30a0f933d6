// Parameters of ClickHouse statements, written into the text as literals. The embedded engine keeps bound parameters per
// process, so its library runs parameterised queries one at a time and its streams may see each other's; and over HTTP
// they travel in the address, which has a limit. Literals have neither, and are the same in both.
import type { Params } from "./click.ts";

// What must not be read as a placeholder: strings, quoted names, heredocs, comments. Then the placeholder itself.
const TOKENS =
  /'(?:[^'\\]|\\[\s\S]|'')*'|`(?:[^`\\]|\\[\s\S])*`|"(?:[^"\\]|\\[\s\S])*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\/|\{\s*(\w+)\s*:\s*([^{}]+?)\s*\}/g;

/** @throws RangeError for a placeholder without a value, or a value that has no literal: a bug of the caller */
export function bindParams(sql: string, params: Params = {}): string {
  return sql.replace(TOKENS, (token: string, ...found: unknown[]) => {
    const [, name, type] = found; // the first is a heredoc's tag
    if (typeof name !== "string" || typeof type !== "string") return token;
    if (!Object.hasOwn(params, name)) throw new RangeError(`no value for the parameter ${name}`);
    return literalOf(params[name], type);
  });
}

function literalOf(value: unknown, type: string): string {
  if (type === "Identifier") return identifier(String(value));
  return type === "String" && typeof value === "string"
    ? quote(value)
    : `cast(${literal(value)} as ${type})`;
}

function literal(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") return quote(value);
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (value instanceof Date) return quote(value.toISOString().replace("T", " ").replace("Z", ""));
  if (Array.isArray(value)) return `[${value.map(literal).join(",")}]`;
  if (typeof value === "object")
    return `map(${Object.entries(value).flat().map(literal).join(",")})`;
  throw new RangeError(`a ${typeof value} has no literal in ClickHouse`);
}

/** A string literal of ClickHouse. */
export function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\0", "\\0")}'`;
}

/** A name of a database, table or column, quoted. */
export function identifier(name: string): string {
  return `\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;
}
