// What formats of web servers share: a request line taken apart, the columns of an HTTP activity, and where the fields of
// Sigma's web rules stand.
import { quote } from "../db/click-bind.ts";
import type { EventColumn } from "./event-columns.ts";
import type { FieldPlace } from "./format.ts";
import { inColumn, inFields } from "./json-reads.ts";
import { kind, kindColumns, kindOf } from "./kinds.ts";
import { pathOf } from "./sql-words.ts";

/** The map that the column `fields` holds, of names and the SQL of their texts. */
export function fieldMap(texts: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(texts).flatMap(([name, sql]) => [quote(name), sql]);
  return `cast(map(${pairs.join(", ")}) as Map(LowCardinality(String), String))`;
}

/** The steps `verb`, `target` and `protocol` of a request line. One that is no HTTP is all target: scanners send such. */
export function requestSteps(request: string): {
  readonly words: string;
  readonly is_http: string;
  readonly verb: string;
  readonly target: string;
  readonly protocol: string;
} {
  return {
    words: `splitByChar(' ', ${request})`,
    is_http: "length(words) >= 2 and match(words[1], '^[A-Z]{3,20}$')",
    verb: "if(is_http, words[1], '')",
    target: `multiIf(not is_http, ${request}, length(words) = 3, words[2],
      startsWith(words[-1], 'HTTP/'), arrayStringConcat(arraySlice(words, 2, length(words) - 2), ' '), arrayStringConcat(arraySlice(words, 2), ' '))`,
    protocol: "if(is_http and startsWith(words[-1], 'HTTP/'), words[-1], '')",
  };
}

type HttpColumn = Extract<
  EventColumn,
  | "class_uid"
  | "activity_id"
  | "activity_name"
  | "status_id"
  | "http_request_method"
  | "http_request_url_path"
  | "http_request_url_query"
  | "http_response_code"
>;

/** Of the texts `verb`, `target` (with its query) and `code`, each the name of a step. */
export function httpColumns(
  verb: string,
  target: string,
  code: string,
): Readonly<Record<HttpColumn, string>> {
  return {
    ...kindColumns(httpKind(verb)),
    status_id: httpStatus(code),
    http_request_method: verb,
    http_request_url_path: pathOf(target),
    http_request_url_query: `if(position(${target}, '?') > 0, substring(${target}, position(${target}, '?') + 1), '')`,
    http_response_code: code,
  };
}

/** A response below 400 is a success. */
export function httpStatus(code: string): string {
  return `multiIf(not match(${code}, '^[1-5][0-9][0-9]$'), 0, ${code} < '400', 1, 2)`;
}

/** The kind of a request, by its method. */
export function httpKind(verb: string): string {
  return kindOf(
    verb,
    {
      "http-get": ["GET"],
      "http-post": ["POST"],
      "http-head": ["HEAD"],
      "http-put": ["PUT"],
      "http-delete": ["DELETE"],
      "http-options": ["OPTIONS"],
      "http-connect": ["CONNECT"],
      "http-trace": ["TRACE"],
    },
    kind("http-other"),
  );
}

/** `-` and nothing are both nothing. */
export function dashed(text: string): string {
  return `if(${text} = '-', '', ${text})`;
}

/**
 * Fields of Sigma's categories `webserver` and `proxy`. Half of the public rules look for paths in `cs-uri-query`, and those
 * that look for parameters do it with `contains`: it is the target with its query. `uri` is the key of `fields` that holds it.
 */
export function webFieldPlaces(field: string): readonly FieldPlace[] {
  return Object.hasOwn(WEB, field) ? (WEB[field] ?? []) : [inFields(field)];
}

/** Is it a name as W3C logs and Sigma's web rules have them: `cs-method`, `sc-status`? */
export function isWebField(field: string): boolean {
  return /^(?:c|cs|sc|s|r)[-(]/.test(field);
}

const WEB: Readonly<Record<string, readonly FieldPlace[]>> = {
  "c-ip": [inColumn("src_endpoint_ip")],
  src_ip: [inColumn("src_endpoint_ip")],
  "src-ip": [inColumn("src_endpoint_ip")],
  "c-uri": [inFields("uri")],
  "cs-uri": [inFields("uri")],
  "cs-uri-query": [inFields("uri")],
  "c-uri-query": [inColumn("http_request_url_query")],
  "cs-uri-stem": [inColumn("http_request_url_path")],
  "c-uri-stem": [inColumn("http_request_url_path")],
  "cs-method": [inColumn("http_request_method")],
  "c-method": [inColumn("http_request_method")],
  "sc-status": [inColumn("http_response_code")],
  "sc-bytes": [inColumn("traffic_bytes_out")],
  "cs-user-agent": [inColumn("http_request_user_agent")],
  "c-useragent": [inColumn("http_request_user_agent")],
  "cs(User-Agent)": [inColumn("http_request_user_agent")],
  "cs-referer": [inColumn("http_request_referrer")],
  "cs-referrer": [inColumn("http_request_referrer")],
  "cs(Referer)": [inColumn("http_request_referrer")],
  "cs-host": [inColumn("dst_endpoint_hostname")],
  "r-dns": [inColumn("dst_endpoint_hostname")],
  "cs-username": [inColumn("actor_user_name")],
  "s-ip": [inColumn("dst_endpoint_ip")],
  "s-port": [inColumn("dst_endpoint_port")],
  dst_ip: [inColumn("dst_endpoint_ip")],
  dst_port: [inColumn("dst_endpoint_port")],
};
