// A `log_format` of nginx or a `LogFormat` of Apache, as the server's own configuration has it, compiled to the extraction.
import { TocsinError } from "../core/errors.ts";
import { quote } from "../db/click-bind.ts";
import type { EventColumn } from "./event-columns.ts";
import type { Format } from "./format.ts";
import { dashed, fieldMap, httpColumns, requestSteps, webFieldPlaces } from "./http-columns.ts";
import { inFields } from "./json-reads.ts";
import { portOf } from "./sql-words.ts";
import { anyTime } from "./time.sql.ts";

type Part = { readonly literal: string } | { readonly variable: string };

/** What a variable means, by the names of nginx; Apache's directives are translated to them. */
const MEANT: Readonly<Record<string, readonly string[]>> = {
  client: ["remote_addr", "realip_remote_addr", "proxy_protocol_addr", "http_x_real_ip"],
  forwarded: ["http_x_forwarded_for", "proxy_add_x_forwarded_for"],
  port: ["remote_port"],
  user: ["remote_user"],
  time: ["time_local", "time_iso8601", "msec"],
  request: ["request"],
  method: ["request_method"],
  target: ["request_uri"],
  path: ["uri", "document_uri"],
  args: ["args", "query_string"],
  code: ["status"],
  bytes: ["body_bytes_sent", "bytes_sent"],
  referrer: ["http_referer"],
  agent: ["http_user_agent"],
  host: ["host", "http_host", "server_name"],
};

const APACHE: Readonly<Record<string, string>> = {
  a: "remote_addr",
  h: "remote_addr",
  u: "remote_user",
  t: "time_local",
  r: "request",
  s: "status",
  b: "body_bytes_sent",
  B: "body_bytes_sent",
  O: "bytes_sent",
  m: "request_method",
  U: "uri",
  q: "query_string",
  v: "server_name",
  V: "host",
  l: "ident",
  D: "request_time",
  T: "request_time",
  p: "server_port",
  P: "pid",
  H: "server_protocol",
  I: "request_length",
  X: "connection",
  k: "connection_requests",
  L: "log_id",
  f: "request_filename",
  A: "server_addr",
  R: "handler",
};

/**
 * @param text as it stands in the configuration, without its quotes: `$remote_addr - $remote_user [$time_local] "$request" …`, or
 * `%h %l %u %t "%r" %>s %b`
 * @throws TocsinError `invalid` for a text without variables, or with two that nothing divides
 */
export function lineFormat(name: string, text: string): Format {
  const parts = partsOf(text);
  const names = parts.flatMap((part) => ("variable" in part ? [part.variable] : []));
  if (names.length === 0)
    throw new TocsinError(
      "invalid",
      `logs.${name}: line: has no variable, such as $remote_addr or %h`,
    );
  const pattern = patternOf(name, parts);
  const at = (meaning: string): string => valueOf(names, meaning);
  const places = Object.fromEntries(names.map((variable, index) => [variable, `g[${index + 1}]`]));
  return {
    name,
    about: "lines as a web server's own configuration says",
    records: { by: "line" },
    json: false,
    claims: `match(raw, ${quote(pattern)})`,
    rank: 65,
    steps: {
      g: `extractGroups(raw, ${quote(pattern)})`,
      ...requestSteps(at("request")),
      method: first(at("method"), "verb"),
      whole: first(at("target"), first(joined(at("path"), at("args")), "target")),
      code: at("code"),
      client: String.raw`extract(${first(at("client"), at("forwarded"))}, '^\\s*([^,\\s]+)')`,
    },
    broken: "if(empty(g), 'not as line: says', '')",
    time: anyTime(`replaceRegexpOne(${at("time")}, '^([0-9]+)[.]([0-9]{3})$', '\\\\1.\\\\2')`),
    product: "",
    category: "webserver",
    service: "",
    columns: columnsOf(at, places),
    fieldPlaces: (field) => (names.includes(field) ? [inFields(field)] : webFieldPlaces(field)),
  };
}

function columnsOf(
  at: (meaning: string) => string,
  places: Readonly<Record<string, string>>,
): Partial<Record<EventColumn | "fields", string>> {
  return {
    ...httpColumns("method", "whole", "code"),
    actor_user_name: dashed(at("user")),
    src_endpoint_ip: "client",
    src_endpoint_port: first(at("port"), `toString(${portOf("client")})`),
    dst_endpoint_hostname: String.raw`replaceRegexpOne(${dashed(at("host"))}, ':[0-9]+$', '')`,
    http_request_user_agent: dashed(at("agent")),
    http_request_referrer: dashed(at("referrer")),
    traffic_bytes_out: at("bytes"),
    fields: fieldMap({ uri: "whole", ...places }),
  };
}

function valueOf(names: readonly string[], meaning: string): string {
  const index = names.findIndex((variable) => MEANT[meaning]?.includes(variable));
  return index === -1 ? "''" : `g[${index + 1}]`;
}

function first(one: string, other: string): string {
  return one === "''" ? other : `if(${one} in ('', '-'), ${other}, ${one})`;
}

function joined(path: string, args: string): string {
  if (path === "''" || args === "''") return path;
  return `if(${args} in ('', '-'), ${path}, concat(${path}, if(startsWith(${args}, '?'), '', '?'), ${args}))`;
}

const VARIABLE =
  /\$\{?([a-z][a-z0-9_]*)\}?|%[!<>0-9,]*(?:\{([^}]*)\}([a-zA-Z]|\^[a-z]{2})|([a-zA-Z]))|%%/gi;

function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const found of text.matchAll(VARIABLE)) {
    if (found.index > from) parts.push({ literal: text.slice(from, found.index) });
    from = found.index + found[0].length;
    parts.push(...partOf(found));
  }
  if (from < text.length) parts.push({ literal: text.slice(from) });
  return parts;
}

function partOf([whole, nginx, inBraces, kind, directive]: RegExpExecArray): Part[] {
  if (whole === "%%") return [{ literal: "%" }];
  if (nginx !== undefined) return [{ variable: nginx }];
  if (inBraces !== undefined) return bracedPart(inBraces, kind ?? "");
  // Apache's %t brings its brackets.
  if (directive === "t") return [{ literal: "[" }, { variable: "time_local" }, { literal: "]" }];
  return [{ variable: APACHE[directive ?? ""] ?? `apache_${directive}` }];
}

function bracedPart(inBraces: string, kind: string): Part[] {
  if (kind === "t") return [{ variable: "time_local" }];
  const name = inBraces.toLowerCase().replaceAll("-", "_");
  if (kind === "i") return [{ variable: `http_${name}` }];
  if (kind === "p") return [{ variable: name === "remote" ? "remote_port" : "server_port" }];
  if (kind === "c" || kind === "a") return [{ variable: "remote_addr" }];
  return [{ variable: name.replaceAll(/[^a-z0-9_]/g, "_") }];
}

// A value in quotes may hold anything but a quote that is not escaped; any other ends at what follows it.
function patternOf(name: string, parts: readonly Part[]): string {
  const pieces = parts.map((part, index) => {
    if ("literal" in part) return escaped(part.literal);
    const next = parts[index + 1];
    if (next === undefined) return "(.*)";
    if ("variable" in next)
      throw new TocsinError(
        "invalid",
        `logs.${name}: line: nothing divides ${part.variable} from ${next.variable}`,
      );
    const before = parts[index - 1];
    const quoted = before !== undefined && "literal" in before && before.literal.endsWith('"');
    if (quoted && next.literal.startsWith('"')) return String.raw`((?:[^"\\]|\\.)*)`;
    const [end = ""] = next.literal;
    // A user's name may hold blanks.
    if (end === " " && part.variable !== "remote_user") return String.raw`(\S*(?:, \S+)*)`;
    return part.variable === "remote_user" ? "(.*?)" : `([^${escapedInClass(end)}]*)`;
  });
  return `^${pieces.join("")}`;
}

function escaped(literal: string): string {
  return literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`).replaceAll(/ +/g, " +");
}

function escapedInClass(character: string): string {
  return /[\\\]^-]/.test(character) ? `\\${character}` : character;
}
