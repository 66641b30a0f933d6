import type { Format } from "../format.ts";
import { fieldMap, requestSteps, webFieldPlaces } from "../http-columns.ts";
import { inColumn } from "../json-reads.ts";
import { kind, kindColumns } from "../kinds.ts";
import { messageSteps } from "../message-columns.ts";
import { hostname, pathOf, queryOf } from "../sql-words.ts";
import { writtenTime } from "../time.sql.ts";

const HEADER = String.raw`'^[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9:]{8} \\[[a-z]+\\] [0-9]+#[0-9]+: '`;

/** nginx's error log, with the context that it adds at the end: `, client: …, server: …, request: "…", host: "…"`. */
export const nginxError: Format = {
  name: "nginx-error",
  about:
    "nginx's error log: users not found, passwords that mismatch, limits, what applications write to it",
  records: { by: "line" },
  json: false,
  claims: `match(raw, ${HEADER})`,
  rank: 45,
  steps: {
    header: `extract(raw, ${HEADER})`,
    level: String.raw`extract(header, '\\[([a-z]+)\\]')`,
    said_all: String.raw`replaceRegexpOne(substring(raw, length(header) + 1), '^\\*[0-9]+ ', '')`,
    // Before the request is nginx's own context; what a client sent may imitate it in the words before, and in the request.
    ahead: `if(position(said_all, ', request: "') = 0, said_all, left(said_all, position(said_all, ', request: "')))`,
    context_at: "length(ahead) - position(reverse(ahead), ' :tneilc ,') - 9",
    has_context: "position(ahead, ', client: ') > 0",
    words_of: "if(has_context, left(said_all, context_at), said_all)",
    context: "if(has_context, substring(said_all, context_at + 1), '')",
    client: "extract(context, '^, client: ([^,]*)')",
    ...requestSteps(`extract(context, ', request: "(.*?)"(?:, |$)')`),
    ...messageSteps({ program: "'nginx'", message: "words_of" }),
    // HTTP basic: the module writes these itself.
    basic_user: String.raw`extract(words_of, '^user "(.*)"(?: was not found in|: password mismatch)')`,
    refused: String.raw`basic_user != '' or match(words_of, '^(?:user "|no user/password was provided)')`,
    about: `multiIf(refused or sign_in > 0, ${kind("logon")}, client != '', ${kind("http-other")}, ${kind("other")})`,
  },
  broken: "if(header = '', 'no line of an nginx error log', '')",
  time: writtenTime("left(raw, 19)"),
  product: "",
  category: "",
  service: "nginx",
  columns: {
    ...kindColumns("about"),
    status_id:
      "multiIf(refused, 2, sign_in in (1, 2), sign_in, level in ('error', 'crit', 'alert', 'emerg'), 2, 0)",
    status_detail: "level",
    user_name: "multiIf(basic_user != '', basic_user, sign_in > 0, who, '')",
    src_endpoint_ip: "if(client = '', whence, client)",
    src_endpoint_hostname: hostname("client"),
    dst_endpoint_hostname: `extract(context, ', host: "([^"]*)"')`,
    http_request_method: "verb",
    http_request_url_path: pathOf("target"),
    http_request_url_query: queryOf("target"),
    http_request_referrer: `extract(context, ', referrer: "(.*)"$')`,
    process_name: "'nginx'",
    process_pid: String.raw`extract(header, '\\] ([0-9]+)#')`,
    message: "left(words_of, 4000)",
    fields: fieldMap({ uri: "target", level: "level" }),
  },
  fieldPlaces: (field) => (field === "message" ? [inColumn("message")] : webFieldPlaces(field)),
};
