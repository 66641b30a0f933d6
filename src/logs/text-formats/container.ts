import { quote } from "../../db/click-bind.ts";
import type { Format } from "../format.ts";
import { dashed, fieldMap, httpColumns, httpKind, webFieldPlaces } from "../http-columns.ts";
import { jsonRequest } from "../json-request.ts";
import { kindColumns } from "../kinds.ts";
import { messageColumns, messageSteps } from "../message-columns.ts";
import { firstThere } from "../sql-words.ts";
import { textClock } from "../text-clock.ts";
import { anyTime } from "../time.sql.ts";
import { isWrapped, unwrapped, wrappedTime } from "../unwrap.ts";

const COMBINED = String.raw`^(?:\S+ )?([0-9A-Fa-f.:]+),? (?:\S+ )*?\S+ (\S+) \[([^\]]{20,32})\] "((?:[^"\\]|\\.)*)" ([0-9]{3}) ([0-9-]+)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?`;

const { steps, at } = jsonRequest("inner_json");
const clock = textClock("inner");
const http = httpColumns("request_verb", "request_target", "request_code");
const words = messageColumns("inner");

/**
 * What containers write, each line with what Docker, Compose or a CRI runtime puts around it. Within may be anything: a request as JSON or
 * as the combined line of an access log, or words.
 */
export const container: Format = {
  name: "container",
  about:
    "lines of containers as CRI, Docker and Compose wrap them: requests, and sign-ins in words",
  records: { by: "line" },
  json: false,
  claims: isWrapped("raw"),
  rank: 62,
  steps: {
    inner: unwrapped("raw"),
    inner_json: "if(startsWith(inner, '{'), inner, '')",
    ...steps,
    a: `if(inner_json = '', extractGroups(inner, ${quote(COMBINED)}), [])`,
    line_words: "splitByChar(' ', a[4])",
    request_verb:
      "multiIf(code != '', method, match(line_words[1], '^[A-Z]{3,20}$'), line_words[1], '')",
    request_target: "multiIf(code != '', uri, request_verb != '', line_words[2], a[4])",
    request_code: "if(code != '', code, a[5])",
    is_request:
      "match(request_code, '^[1-5][0-9]{2}$') and (request_target != '' or request_verb != '')",
    ...clock.steps,
    ...messageSteps({
      program: "''",
      message: "if(inner_json = '', message, inner)",
      words: "if(is_request, '', inner)",
    }),
    wrapped: wrappedTime("raw"),
    inner_kind: `if(is_request, ${httpKind("request_verb")}, what)`,
  },
  time: `coalesce(${clock.time}, ${anyTime("request_time")}, ${anyTime("wrapped")})`,
  product: "",
  category: "sql: if(is_request, 'webserver', '')",
  service: "",
  columns: {
    ...words,
    ...kindColumns("inner_kind"),
    status_id: `if(is_request, ${http.status_id}, ${words.status_id ?? "0"})`,
    actor_user_name: `if(is_request, ${dashed(firstThere(["a[2]", at.user]))}, ${words.actor_user_name ?? "''"})`,
    src_endpoint_ip: `multiIf(is_request and code != '', client, is_request, a[1], client != '' and sign_in = 0 and line_no = 0, client, ${words.src_endpoint_ip ?? "''"})`,
    http_request_method: "request_verb",
    http_request_url_path: http.http_request_url_path,
    http_request_url_query: http.http_request_url_query,
    http_request_user_agent: dashed(firstThere(["a[8]", `${at.agents}[1]`, at.agent])),
    http_request_referrer: dashed(firstThere(["a[7]", `${at.referrers}[1]`, at.referrer])),
    http_response_code: "request_code",
    dst_endpoint_hostname: String.raw`replaceRegexpOne(${at.host}, ':[0-9]+$', '')`,
    traffic_bytes_out: firstThere(["a[6]", at.size]),
    process_name: String.raw`trim(extract(raw, '^([\\w./-]{1,80}) +\\| '))`,
    fields: fieldMap({ uri: "request_target" }),
  },
  fieldPlaces: webFieldPlaces,
};
