import { quote } from "../../db/click-bind.ts";
import type { Format } from "../format.ts";
import { dashed, fieldMap, httpColumns, requestSteps, webFieldPlaces } from "../http-columns.ts";
import { quotedFields } from "../split-fields.ts";
import { portOf } from "../sql-words.ts";
import { writtenTime } from "../time.sql.ts";

const TIME = String.raw`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z`;
const CLAIM = String.raw`^(?:(?:https?|h2|grpcs|wss?) )?${TIME} \S+ (?:\S+:[0-9]+|-) (?:\S+:[0-9]+|-) (?:[0-9.]+|-1) (?:[0-9.]+|-1) (?:[0-9.]+|-1) (?:[0-9]{3}|-) (?:[0-9]{3}|-) [0-9-]+ [0-9-]+ "`;

/**
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html, and the classic one, whose lines begin
 * with the time: then all stands one field earlier.
 */
export const elb: Format = {
  name: "elb",
  about: "AWS load balancers' access logs: application and classic",
  records: { by: "line" },
  json: false,
  claims: `match(raw, ${quote(CLAIM)})`,
  rank: 60,
  steps: {
    fields_of: quotedFields("raw"),
    classic: `match(raw, '^[0-9]{4}-')`,
    f: "if(classic, arrayPushFront(fields_of, ''), fields_of)",
    ...requestSteps("f[13]"),
    // The target is a whole URL: its host and port are the server's.
    host: String.raw`extract(target, '^[a-z]+://(\\[[^\\]]*\\]|[^/:?]*)')`,
    uri: String.raw`if(match(target, '^[a-z]+://'), concat('/', extract(target, '^[a-z]+://[^/?]*/?(.*)$')), target)`,
    code: "f[9]",
  },
  broken: `if(not match(raw, ${quote(CLAIM)}), 'no line of a load balancer', '')`,
  time: writtenTime("f[2]"),
  product: "aws",
  category: "webserver",
  service: "elb",
  columns: {
    ...httpColumns("verb", "uri", "code"),
    src_endpoint_ip: String.raw`extract(f[4], '^(.*):[0-9]+$')`,
    src_endpoint_port: portOf("f[4]"),
    dst_endpoint_ip: String.raw`extract(f[5], '^(.*):[0-9]+$')`,
    dst_endpoint_port: portOf("f[5]"),
    dst_endpoint_hostname: "host",
    http_request_user_agent: dashed("f[14]"),
    traffic_bytes_out: "f[12]",
    fields: fieldMap({
      uri: "uri",
      elb: "f[3]",
      target_status_code: "f[10]",
      ssl_cipher: "f[15]",
      ssl_protocol: "f[16]",
      target_group_arn: "f[17]",
      trace_id: "f[18]",
      actions_executed: "f[23]",
    }),
  },
  fieldPlaces: webFieldPlaces,
};
