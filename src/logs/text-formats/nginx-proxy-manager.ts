import type { Format } from "../format.ts";
import { dashed, fieldMap, httpColumns, webFieldPlaces } from "../http-columns.ts";
import { clfTime } from "../time.sql.ts";

const LINE = String.raw`'^\\[([^\\]]+)\\] (\\S+) (\\S+) (\\S+) - (\\S+) (\\S+) (\\S+) "(.*?)" \\[Client ([^\\]]*)\\] \\[Length ([^\\]]*)\\] \\[Gzip [^\\]]*\\](?: \\[Sent-to ([^\\]]*)\\])? "(.*?)" "(.*?)"'`;

/** `[time] cache upstream-status status - method scheme host "path" [Client …] [Length …] [Gzip …] [Sent-to …] "agent" "referrer"`. */
export const nginxProxyManager: Format = {
  name: "nginx-proxy-manager",
  about: "access logs of Nginx Proxy Manager's proxied hosts",
  records: { by: "line" },
  json: false,
  claims: `match(raw, ${LINE})`,
  rank: 45,
  steps: {
    g: `extractGroups(raw, ${LINE})`,
    verb: "g[5]",
    target: "g[8]",
    code: "g[4]",
  },
  broken: "if(empty(g), 'no line of Nginx Proxy Manager', '')",
  time: clfTime("g[1]"),
  product: "",
  category: "webserver",
  service: "",
  columns: {
    ...httpColumns("verb", "target", "code"),
    src_endpoint_ip: "g[9]",
    dst_endpoint_hostname: "g[7]",
    http_request_user_agent: dashed("g[12]"),
    http_request_referrer: dashed("g[13]"),
    traffic_bytes_out: "g[10]",
    fields: fieldMap({ uri: "target", upstream: dashed("g[11]"), upstream_status: dashed("g[3]") }),
  },
  fieldPlaces: webFieldPlaces,
};
