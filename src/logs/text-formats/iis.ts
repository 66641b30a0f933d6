import type { Format } from "../format.ts";
import { dashed, fieldMap, httpColumns, webFieldPlaces } from "../http-columns.ts";
import { inFields } from "../json-reads.ts";
import { writtenTime } from "../time.sql.ts";

const METHODS =
  "'GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND', 'CONNECT', 'TRACE', 'TRACK', 'DEBUG', 'SEARCH', 'RPC_IN_DATA', 'RPC_OUT_DATA', 'MERGE', 'MKCOL', 'LOCK', 'UNLOCK', 'COPY', 'MOVE', 'REPORT', 'PROPPATCH'";
const CLAIM = String.raw`'^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} (?:\\S+ ){0,3}(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|PROPFIND|RPC_IN_DATA|RPC_OUT_DATA|CONNECT|TRACE|DEBUG|SEARCH) /\\S* \\S+ (?:[0-9]+ )?\\S+ [0-9A-Fa-f.:%]+ '`;

/**
 * IIS writes whichever fields are chosen, and always in one order: the method, the path, the query and port, the user, the client, and then
 * agent, cookie, referrer and host before the three status numbers. Where a field stands follows from the method, the client's address and
 * the first status number, so that no line needs the header before it.
 * https://learn.microsoft.com/previous-versions/iis/6.0-sdk/ms525807(v=vs.90)
 */
export const iis: Format = {
  name: "iis",
  about: "IIS's W3C logs, with any choice of fields; comments are kept",
  records: { by: "line" },
  json: false,
  claims: `match(raw, ${CLAIM}) or match(raw, '^#(?:Software: Microsoft Internet Information|Fields:.*cs-method.*c-ip)')`,
  rank: 60,
  steps: {
    f: "splitByChar(' ', raw)",
    comment: "startsWith(raw, '#')",
    m: `arrayFirstIndex(x -> x in (${METHODS}), f)`,
    verb: "if(m = 0, '', f[m])",
    // After the method, path and query come the port, the user and the client.
    c: "arrayFirstIndex((x, n) -> n > m + 2 and n < m + 7 and (isIPv4String(x) or isIPv6String(splitByChar('%', x)[1])), f, arrayEnumerate(f))",
    s: "arrayFirstIndex((x, n) -> n > c and match(x, '^[1-5][0-9]{2}$') and match(f[n + 1], '^[0-9]+$'), f, arrayEnumerate(f))",
    between: "if(s = 0, [], arraySlice(f, c + 1, s - c - 1))",
    version: "if(startsWith(between[1], 'HTTP/'), between[1], '')",
    words_of: "if(version = '', between, arraySlice(between, 2))",
    referrer: "arrayFirst(x -> match(x, '^(?:https?|android-app)://'), arraySlice(words_of, 2))",
    host: String.raw`if(length(words_of) > 1 and match(words_of[-1], '^[A-Za-z0-9.-]+(?::[0-9]+)?$') and position(words_of[-1], '.') > 0, words_of[-1], '')`,
    stem: "if(m = 0, '', f[m + 1])",
    query: "if(m = 0 or f[m + 2] = '-', '', f[m + 2])",
    uri: "if(query = '', stem, concat(stem, '?', query))",
    code: "if(s = 0, '', f[s])",
    // `(Mozilla+5.0…)`: a blank is a plus.
    agent: "replaceAll(if(words_of[1] = '-', '', words_of[1]), '+', ' ')",
  },
  broken: "if(not comment and (m = 0 or c = 0), 'no IIS line: it has no method or no client', '')",
  time: writtenTime("if(comment, '', concat(f[1], ' ', f[2], 'Z'))"),
  product: "windows",
  category: "sql: if(comment, '', 'webserver')",
  service: "iis",
  columns: {
    ...httpColumns("verb", "uri", "code"),
    class_uid: "if(comment, 0, 4002)",
    actor_user_name: dashed("if(c > m + 3, f[c - 1], '')"),
    src_endpoint_ip: "if(c = 0, '', f[c])",
    dst_endpoint_ip: "if(m = 0, '', f[m - 1])",
    dst_endpoint_port: String.raw`if(m > 0 and match(f[m + 3], '^[0-9]+$'), f[m + 3], '')`,
    dst_endpoint_hostname: "host",
    http_request_user_agent: "agent",
    http_request_referrer: "referrer",
    fields: `if(comment, ${fieldMap({ comment: "raw" })}, ${fieldMap({
      uri: "uri",
      "cs-version": "version",
      "sc-substatus": "if(s = 0, '', f[s + 1])",
      "sc-win32-status": "if(s = 0, '', f[s + 2])",
      "time-taken": "if(s = 0, '', f[-1])",
    })})`,
  },
  fieldPlaces: (field) => (field === "comment" ? [inFields(field)] : webFieldPlaces(field)),
};
