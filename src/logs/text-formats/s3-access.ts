import { quote } from "../../db/click-bind.ts";
import type { Format } from "../format.ts";
import {
  dashed,
  fieldMap,
  httpKind,
  httpStatus,
  requestSteps,
  webFieldPlaces,
} from "../http-columns.ts";
import { inFields } from "../json-reads.ts";
import { kindColumns } from "../kinds.ts";
import { quotedFields } from "../split-fields.ts";
import { queryOf } from "../sql-words.ts";
import { clfTime } from "../time.sql.ts";

const HEADER = String.raw`^[0-9a-f]{32,64} \S+ \[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [-+][0-9]{4}\] \S+ `;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html */
const NAMES = [
  "bucket_owner",
  "bucket",
  "remote_ip",
  "requester",
  "request_id",
  "operation",
  "key",
  "request_uri",
  "http_status",
  "error_code",
  "bytes_sent",
  "object_size",
  "total_time",
  "turn_around_time",
  "referer",
  "user_agent",
  "version_id",
  "host_id",
  "signature_version",
  "cipher_suite",
  "authentication_type",
  "host_header",
  "tls_version",
  "access_point_arn",
  "acl_required",
] as const;

const at = (name: (typeof NAMES)[number]): string => dashed(`f[${NAMES.indexOf(name) + 1}]`);

export const s3Access: Format = {
  name: "s3-access",
  about: "Amazon S3's server access logs",
  records: { by: "line" },
  json: false,
  claims: `match(raw, ${quote(HEADER)})`,
  rank: 60,
  steps: {
    clock: String.raw`extract(left(raw, 400), '\\[([^\\]]{20,30})\\]')`,
    f: quotedFields(String.raw`replaceOne(raw, concat('[', clock, '] '), '')`),
    ...requestSteps(at("request_uri")),
    object: String.raw`decodeURLComponent(decodeURLComponent(${at("key")}))`,
    kind: `multiIf(match(${at("operation")}, '^(?:REST|WEBSITE)[.](?:GET|HEAD)[.]'), 'resource-read', match(${at("operation")}, '[.]DELETE[.]'), 'resource-delete',
      match(${at("operation")}, '[.](?:PUT|POST|COPY)[.]'), 'resource-update', ${httpKind("verb")})`,
  },
  broken: `if(length(f) < 17 or not match(raw, ${quote(HEADER)}), 'no S3 access log line', '')`,
  time: clfTime("clock"),
  product: "aws",
  category: "",
  service: "s3",
  columns: {
    ...kindColumns("kind"),
    status_id: httpStatus(at("http_status")),
    status_detail: at("error_code"),
    metadata_uid: at("request_id"),
    actor_user_name: String.raw`extract(${at("requester")}, '([^/:]+)$')`,
    actor_user_uid: at("requester"),
    src_endpoint_ip: at("remote_ip"),
    dst_endpoint_hostname: at("host_header"),
    http_request_method: "verb",
    http_request_url_path: "splitByChar('?', target)[1]",
    http_request_url_query: queryOf("target"),
    http_request_user_agent: at("user_agent"),
    http_request_referrer: at("referer"),
    http_response_code: at("http_status"),
    traffic_bytes_out: at("bytes_sent"),
    api_service_name: "'s3.amazonaws.com'",
    api_operation: at("operation"),
    api_response_error: at("error_code"),
    resource_type: "if(object = '', 'bucket', 'object')",
    resource_uid: `if(object = '', ${at("bucket")}, concat(${at("bucket")}, '/', object))`,
    cloud_account_uid: String.raw`extract(${at("requester")}, '^arn:[^:]*:[^:]*::([0-9]+):')`,
    fields: fieldMap({
      uri: "target",
      ...Object.fromEntries(NAMES.map((name) => [name, at(name)])),
    }),
  },
  fieldPlaces: (field) =>
    NAMES.some((name) => name === field) ? [inFields(field)] : webFieldPlaces(field),
};
