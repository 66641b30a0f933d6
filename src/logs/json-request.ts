// A request to a web server as JSON, whichever server or application wrote it.
import { requestSteps } from "./http-columns.ts";
import { jsonReads } from "./json-reads.ts";

// Keys of Caddy, Traefik, Envoy, HAProxy's and nginx's usual JSON, and of what applications call the same.
const PATHS = {
  time: [
    "ts",
    "time",
    "timestamp",
    "@timestamp",
    "StartUTC",
    "time_local",
    "time_iso8601",
    "start_time",
    "msec",
    "date",
  ],
  method: [
    "request.method",
    "req.method",
    "method",
    "request_method",
    "RequestMethod",
    "http_method",
    "httpMethod",
    "httpRequest.requestMethod",
    "verb",
  ],
  uri: [
    "request.uri",
    "req.url",
    "request_uri",
    "RequestPath",
    "uri",
    "http_path",
    "x-envoy-origin-path",
    "httpRequest.requestUrl",
    "url",
    "path",
    "path_info",
  ],
  args: ["args", "query_string", "http_query"],
  code: [
    "status",
    "statusCode",
    "status_code",
    "DownstreamStatus",
    "response_code",
    "http_status",
    "httpStatus",
    "httpRequest.status",
    "res.statusCode",
    "code",
  ],
  client: [
    "request.client_ip",
    "request.remote_ip",
    "request.remote_addr",
    "req.remoteAddress",
    "ClientHost",
    "ClientAddr",
    "client_ip",
    "clientIp",
    "clientip",
    "remote_addr",
    "remoteAddr",
    "remote_ip",
    "remoteIp",
    "downstream_remote_address",
    "client_addr",
    "httpRequest.remoteIp",
    "ip",
    "visitor_ip",
  ],
  port: ["request.remote_port", "ClientPort", "remote_port", "client_port"],
  agents: ["request.headers.User-Agent[]"],
  referrers: ["request.headers.Referer[]"],
  agent: [
    "http_user_agent",
    "user_agent",
    "user-agent",
    "userAgent",
    "request_User-Agent",
    "req.headers.user-agent",
    "httpRequest.userAgent",
    "agent",
  ],
  referrer: [
    "http_referer",
    "http_referrer",
    "referer",
    "referrer",
    "req.headers.referer",
    "request_Referer",
    "httpRequest.referer",
  ],
  host: [
    "request.host",
    "RequestHost",
    "http_host",
    "req.headers.host",
    ":authority",
    "authority",
    "vhost",
    "server_name",
    "ServerName",
  ],
  user: ["remote_user", "user_id", "ClientUsername", "username"],
  size: [
    "size",
    "bytes_sent",
    "body_bytes_sent",
    "DownstreamContentSize",
    "http_response_size",
    "bytes",
  ],
  line: ["request_line", "requestLine"],
  protocol: ["request.proto", "protocol", "RequestProtocol", "server_protocol"],
} as const;

type RequestJson = {
  /** `method`, `uri` with its query, `code`, `client` and `request_time` among them. */
  readonly steps: Readonly<Record<string, string>>;
  readonly at: Readonly<Record<keyof typeof PATHS, string>>;
};

/** `from` is SQL of the JSON's text. */
export function jsonRequest(from: string): RequestJson {
  const { steps, at } = jsonReads(PATHS, from);
  return {
    at,
    steps: {
      j: steps.j,
      request_time: at.time,
      // The request may stand as its line, as nginx has it: `"request": "GET / HTTP/1.1"`.
      request_line: `if(${at.line} != '', ${at.line}, if(${at.uri} = '', JSONExtractString(${from}, 'request'), ''))`,
      ...requestSteps("request_line"),
      method: `if(${at.method} != '', upper(${at.method}), verb)`,
      uri: `multiIf(${at.uri} = '', target, ${at.args} = '' or position(${at.uri}, '?') > 0, ${at.uri}, concat(${at.uri}, '?', ${at.args}))`,
      code: at.code,
      client: String.raw`extract(${at.client}, '^\\s*([^,\\s]+)')`,
    },
  };
}
