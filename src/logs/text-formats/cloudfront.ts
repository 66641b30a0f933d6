import type { Format } from "../format.ts";
import { dashed, fieldMap, httpColumns, webFieldPlaces } from "../http-columns.ts";
import { inFields } from "../json-reads.ts";
import { writtenTime } from "../time.sql.ts";

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html: the order never changes, new ones come last. */
const NAMES = [
  "date",
  "time",
  "x-edge-location",
  "sc-bytes",
  "c-ip",
  "cs-method",
  "cs(Host)",
  "cs-uri-stem",
  "sc-status",
  "cs(Referer)",
  "cs(User-Agent)",
  "cs-uri-query",
  "cs(Cookie)",
  "x-edge-result-type",
  "x-edge-request-id",
  "x-host-header",
  "cs-protocol",
  "cs-bytes",
  "time-taken",
  "x-forwarded-for",
  "ssl-protocol",
  "ssl-cipher",
  "x-edge-response-result-type",
  "cs-protocol-version",
  "fle-status",
  "fle-encrypted-fields",
  "c-port",
  "time-to-first-byte",
  "x-edge-detailed-result-type",
  "sc-content-type",
  "sc-content-len",
  "sc-range-start",
  "sc-range-end",
] as const;

const at = (name: (typeof NAMES)[number]): string => dashed(`f[${NAMES.indexOf(name) + 1}]`);
const CLAIM = String.raw`'^[0-9]{4}-[0-9]{2}-[0-9]{2}\t[0-9:]{8}\t[A-Z0-9-]+\t[0-9-]+\t[0-9A-Fa-f.:]+\t[A-Z]+\t'`;

export const cloudfront: Format = {
  name: "cloudfront",
  about: "Amazon CloudFront's standard logs",
  records: { by: "line" },
  json: false,
  claims: `match(raw, ${CLAIM}) or match(raw, '^#(?:Version: 1[.]0|Fields:.*x-edge-location)')`,
  rank: 60,
  steps: {
    f: "splitByChar('\\t', raw)",
    comment: "startsWith(raw, '#')",
    verb: at("cs-method"),
    // Values are encoded as in a URL, a blank of the client as %2520.
    agent: `decodeURLComponent(decodeURLComponent(${at("cs(User-Agent)")}))`,
    uri: `if(${at("cs-uri-query")} = '', ${at("cs-uri-stem")}, concat(${at("cs-uri-stem")}, '?', ${at("cs-uri-query")}))`,
    code: at("sc-status"),
  },
  broken: `if(not comment and not match(raw, ${CLAIM}), 'no CloudFront line', '')`,
  time: writtenTime("if(comment, '', concat(f[1], ' ', f[2], 'Z'))"),
  product: "aws",
  category: "sql: if(comment, '', 'webserver')",
  service: "cloudfront",
  columns: {
    ...httpColumns("verb", "uri", "code"),
    class_uid: "if(comment, 0, 4002)",
    metadata_uid: at("x-edge-request-id"),
    src_endpoint_ip: at("c-ip"),
    src_endpoint_port: at("c-port"),
    dst_endpoint_hostname: at("x-host-header"),
    http_request_user_agent: "agent",
    http_request_referrer: at("cs(Referer)"),
    traffic_bytes_out: at("sc-bytes"),
    status_detail: at("x-edge-detailed-result-type"),
    fields: `if(comment, ${fieldMap({ comment: "raw" })}, ${fieldMap({
      uri: "uri",
      ...Object.fromEntries(NAMES.slice(2).map((name) => [name, at(name)])),
    })})`,
  },
  fieldPlaces: (field) => {
    const known = webFieldPlaces(field);
    if (known[0]?.in !== "fields" || field === "cs-uri-query") return known;
    return field === "cs-cookie" ? [inFields("cs(Cookie)")] : known;
  },
};
