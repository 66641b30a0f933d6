import { quote } from "../../db/click-bind.ts";
import type { Format } from "../format.ts";
import { fieldMap, httpColumns, requestSteps, webFieldPlaces } from "../http-columns.ts";
import { inFields } from "../json-reads.ts";
import { clfTime } from "../time.sql.ts";

const CLIENT = String.raw`([0-9A-Fa-f.:]+):([0-9]{1,5}) \[([0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8}(?:\.[0-9]+)?)\] (\S+) (\S+)`;
const HTTP = String.raw`${CLIENT} ([0-9/+-]+) ([0-9-]{1,3}) \+?([0-9]+) (\S+) (\S+) (\S{4}) ([0-9/+]+) ([0-9/]+) (?:(\{.*?\}) )?(?:\{.*?\} )?"(.*)"`;
const TCP = String.raw`${CLIENT} ([0-9/+-]+) \+?([0-9]+) (\S{2}) ([0-9/+]+) ([0-9/]+)`;

/** Requests (`option httplog`), connections (`option tcplog`) and errors, with the syslog header that HAProxy puts before them. */
export const haproxy: Format = {
  name: "haproxy",
  about: "HAProxy's log of requests and connections",
  records: { by: "line" },
  json: false,
  claims: `match(raw, ${quote(CLIENT)})`,
  rank: 55,
  steps: {
    h: `extractGroups(raw, ${quote(HTTP)})`,
    t: `if(empty(h), extractGroups(raw, ${quote(TCP)}), [])`,
    g: `multiIf(not empty(h), h, not empty(t), t, extractGroups(raw, ${quote(CLIENT)}))`,
    ...requestSteps("h[15]"),
    code: "h[7]",
    machine: String.raw`extract(raw, '^(?:<[0-9]+>)?(?:[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}|[0-9]{4}-\\S+) (\\S+) \\S+\\[[0-9]+\\]:')`,
  },
  broken: "if(empty(g), 'no HAProxy line: client, [time] and frontend are missing', '')",
  time: clfTime("g[3]"),
  product: "haproxy",
  category: "sql: if(empty(h), '', 'webserver')",
  service: "haproxy",
  columns: {
    ...httpColumns("verb", "target", "code"),
    class_uid: "if(empty(h), 4001, 4002)",
    activity_id: `if(empty(h), 6, ${httpColumns("verb", "target", "code").activity_id})`,
    activity_name: `if(empty(h), 'Traffic', ${httpColumns("verb", "target", "code").activity_name})`,
    status_detail: "multiIf(not empty(h), h[11], not empty(t), t[8], '')",
    src_endpoint_ip: "g[1]",
    src_endpoint_port: "g[2]",
    device_hostname: "machine",
    traffic_bytes_out: "multiIf(not empty(h), h[8], not empty(t), t[7], '')",
    process_name: "'haproxy'",
    fields: fieldMap({
      uri: "target",
      "cs-version": "protocol",
      frontend: "g[4]",
      backend: "g[5]",
      termination_state: "multiIf(not empty(h), h[11], not empty(t), t[8], '')",
      captured_request: "h[14]",
    }),
    message: `if(empty(h) and empty(t), raw, '')`,
  },
  fieldPlaces: (field) =>
    ["frontend", "backend", "termination_state"].includes(field)
      ? [inFields(field)]
      : webFieldPlaces(field),
};
