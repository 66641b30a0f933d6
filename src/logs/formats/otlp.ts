// OpenTelemetry log records as the door for OTLP keeps them: one JSON object a record, its resource and scope in it. Attributes are named by
// OpenTelemetry's semantic conventions. https://opentelemetry.io/docs/specs/otel/logs/data-model/
import { CLASS } from "../event-columns.ts";
import type { Format } from "../format.ts";
import { has, inJson } from "../json-reads.ts";
import { firstThere } from "../sql-words.ts";
import { epochTime } from "../time.sql.ts";

const NAMES = {
  ip: ["client.address", "source.address", "network.peer.address", "net.peer.ip", "http.client_ip"],
  port: ["client.port", "source.port", "network.peer.port"],
  toIp: ["server.address", "destination.address"],
  toPort: ["server.port", "destination.port"],
  user: ["user.name", "enduser.id"],
  userId: ["user.id"],
  email: ["user.email"],
  session: ["session.id"],
  method: ["http.request.method", "http.method"],
  path: ["url.path", "http.target"],
  query: ["url.query"],
  code: ["http.response.status_code", "http.status_code"],
  agent: ["user_agent.original", "http.user_agent"],
  error: ["exception.message", "error.type"],
  process: ["process.executable.name"],
  pid: ["process.pid"],
  command: ["process.command_line"],
} as const;

const TYPE = `Tuple(${[...new Set(Object.values(NAMES).flat())]
  .map((name) => `\`${name}\` String`)
  .join(", ")})`;

const at = (name: keyof typeof NAMES): string =>
  firstThere(NAMES[name].map((attribute) => `a.\`${attribute}\``));

const resource = (...names: readonly string[]): string =>
  firstThere(names.map((name) => `r.\`${name}\``));

const RESOURCE = ["service.name", "host.name", "host.id", "cloud.account.id", "cloud.region"];

/** Of the record itself. */
const OWN = new Set([
  "body",
  "severity_number",
  "severity_text",
  "event_name",
  "trace_id",
  "span_id",
]);

export const otlp: Format = {
  name: "otlp",
  about: "OpenTelemetry log records, as POST /v1/logs takes them",
  records: { by: "json" },
  json: true,
  claims: `(${has("time_unix_nano")} and ${has("severity_number")} and ${has("resource")})`,
  rank: 80,
  steps: {
    o: "JSONExtract(raw, 'Tuple(time_unix_nano String, observed_time_unix_nano String, trace_id String, event_name String, body String)')",
    a: `JSONExtract(raw, 'attributes', '${TYPE}')`,
    r: `JSONExtract(raw, 'resource', 'Tuple(${RESOURCE.map((name) => `\`${name}\` String`).join(", ")})')`,
    is_http: `${at("method")} != ''`,
  },
  time: epochTime(firstThere(["o.time_unix_nano", "o.observed_time_unix_nano"])),
  product: "",
  category: "",
  service: `sql:${resource("service.name")}`,
  columns: {
    class_uid: `if(is_http, ${CLASS.http}, ${CLASS.base})`,
    activity_id: "if(is_http, 99, 0)",
    activity_name: "o.event_name",
    status_detail: at("error"),
    actor_user_name: at("user"),
    actor_user_uid: at("userId"),
    user_name: at("user"),
    user_uid: at("userId"),
    user_email_addr: at("email"),
    session_uid: at("session"),
    src_endpoint_ip: at("ip"),
    src_endpoint_port: `toUInt16OrZero(${at("port")})`,
    dst_endpoint_ip: at("toIp"),
    dst_endpoint_port: `toUInt16OrZero(${at("toPort")})`,
    device_hostname: resource("host.name", "host.id"),
    http_request_method: at("method"),
    http_request_url_path: at("path"),
    http_request_url_query: at("query"),
    http_request_user_agent: at("agent"),
    http_response_code: `toUInt16OrZero(${at("code")})`,
    api_service_name: resource("service.name"),
    process_name: at("process"),
    process_pid: `toUInt32OrZero(${at("pid")})`,
    process_cmd_line: at("command"),
    cloud_account_uid: resource("cloud.account.id"),
    cloud_region: resource("cloud.region"),
    message: "o.body",
  },
  // One place each: a rule names an attribute by its name, and what is none by where it stands.
  fieldPlaces: (field) => {
    const [first = "", ...rest] = field.split(".");
    if (rest.length === 0 && OWN.has(field)) return [inJson(field)];
    if (first === "resource" && rest.length > 0) return [inJson("resource", rest.join("."))];
    if (first === "body" && rest.length > 0) return [inJson("body", ...rest)];
    return [inJson("attributes", field)];
  },
};
