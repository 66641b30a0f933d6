import type { Format } from "../format.ts";
import { dashed, fieldMap, httpColumns, webFieldPlaces } from "../http-columns.ts";
import { has, inJson } from "../json-reads.ts";
import { jsonRequest } from "../json-request.ts";
import { firstThere, portOf } from "../sql-words.ts";
import { anyTime } from "../time.sql.ts";

const METHOD = [
  has("request", "method"),
  has("req", "method"),
  ...["method", "request_method", "RequestMethod", "http_method", "httpMethod"].map((key) =>
    has(key),
  ),
];
const CODE = [
  ...["status", "statusCode", "status_code", "DownstreamStatus", "response_code", "httpStatus"].map(
    (key) => has(key),
  ),
  has("res", "statusCode"),
];
const LINE = String.raw`match(JSONExtractString(raw, 'request'), '^[A-Z]{3,10} \\S+ HTTP/')`;

const { steps, at } = jsonRequest("raw");

export const jsonAccess: Format = {
  name: "json-access",
  about:
    "access logs as JSON: Caddy, Traefik, Envoy, nginx and Apache with a format of JSON, applications",
  records: { by: "json" },
  json: true,
  claims: `((${METHOD.join(" or ")}) and (${CODE.join(" or ")})) or ${LINE}`,
  rank: 20,
  steps,
  broken: "if(method = '' and uri = '', 'no request: it has neither a method nor a path', '')",
  time: anyTime("request_time"),
  product: "",
  category: "webserver",
  service: "",
  columns: {
    ...httpColumns("method", "uri", "code"),
    actor_user_name: dashed(at.user),
    src_endpoint_ip: "client",
    src_endpoint_port: firstThere([at.port, `toString(${portOf("client")})`]),
    dst_endpoint_hostname: String.raw`replaceRegexpOne(${at.host}, ':[0-9]+$', '')`,
    http_request_user_agent: dashed(firstThere([`${at.agents}[1]`, at.agent])),
    http_request_referrer: dashed(firstThere([`${at.referrers}[1]`, at.referrer])),
    traffic_bytes_out: at.size,
    fields: fieldMap({ uri: "uri", "cs-version": firstThere([at.protocol, "protocol"]) }),
  },
  fieldPlaces: (field) => {
    const [place] = webFieldPlaces(field);
    const known = place !== undefined && (place.in !== "fields" || place.key !== field);
    return known || field === "cs-version"
      ? webFieldPlaces(field)
      : [inJson(field), ...(field.includes(".") ? [inJson(...field.split("."))] : [])];
  },
};
