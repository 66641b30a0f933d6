import { quote } from "../../db/click-bind.ts";
import { eventKind, outcome } from "../appliance-words.ts";
import type { Format } from "../format.ts";
import { inColumn, inFields } from "../json-reads.ts";
import { kind, kindColumns } from "../kinds.ts";
import { asFields, valueOf } from "../key-values.ts";
import { anyTime, syslogTime } from "../time.sql.ts";

const HEADER = String.raw`(?:^|[\s:])LEEF:([0-9.]+)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|`;
const BSD = String.raw`[A-Z][a-z]{2} [ 0-9][0-9] (?:[0-9]{4} )?[0-9:]{8}`;
const ISO = String.raw`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[-+][0-9:]{4,6})?`;

const at = (...keys: readonly string[]): string => valueOf("pairs", ...keys);

/** LEEF 1.0 divides its pairs by tabs; 2.0 says by what, as itself or as `0x` and its code. */
export const leef: Format = {
  name: "leef",
  about: "QRadar's Log Event Extended Format 1.0 and 2.0, with or without a syslog header",
  records: { by: "line" },
  json: false,
  claims: `match(raw, ${quote(HEADER)})`,
  rank: 60,
  steps: {
    heads: `extractGroups(raw, ${quote(HEADER)})`,
    head_end: `position(raw, concat('LEEF:', heads[1], '|', heads[2], '|', heads[3], '|', heads[4], '|', heads[5], '|')) + length(arrayStringConcat(heads, '|')) + 6`,
    body: "substring(raw, head_end)",
    given: String.raw`if(startsWith(heads[1], '2'), extract(body, '^(0x[0-9A-Fa-f]{2,4}|[^|]?)\\|'), '')`,
    divider: String.raw`multiIf(startsWith(given, '0x'), char(toUInt8OrZero(toString(reinterpretAsUInt8(unhex(substring(given, 3, 2)))))), given != '', given, '\t')`,
    attributes: String.raw`if(startsWith(heads[1], '2') and match(body, '^(?:0x[0-9A-Fa-f]{2,4}|[^|]?)\\|'), substring(body, length(given) + 2), body)`,
    // Some write blanks where tabs should be: then a value ends where the next key begins.
    lines: String.raw`if(position(attributes, divider) = 0 and divider = '\t', splitByChar('\x01', replaceRegexpAll(attributes, '\\s([A-Za-z][A-Za-z0-9_]*)=', '\x01\\1=')), splitByChar('\x01', replaceAll(attributes, divider, '\x01')))`,
    good_lines: "arrayFilter(x -> position(x, '=') > 1, lines)",
    pairs:
      "mapFromArrays(arrayMap(x -> trim(left(x, position(x, '=') - 1)), good_lines), arrayMap(x -> trim(substring(x, position(x, '=') + 1)), good_lines))",
    stamp: `if(${at("devTime")} != '', ${at("devTime")}, extract(raw, ${quote(`^(?:<[0-9]+>)?(?:1 )?(${ISO}|${BSD})`)}))`,
    operation: "heads[5]",
    kind: eventKind(`concat(operation, ' ', ${at("cat", "action")})`, {
      url: at("url"),
      from: at("src"),
    }),
    ended: outcome(`concat(${at("result", "action", "status", "policy")}, ' ', operation)`),
  },
  broken: "if(empty(heads), 'no LEEF header: version|vendor|product|version|event|', '')",
  time: `if(match(stamp, '^[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:'), ${syslogTime("stamp")}, ${anyTime("stamp")})`,
  product: "sql: replaceAll(lower(heads[2]), ' ', '')",
  category: `sql: if(kind like 'http-%', 'proxy', if(kind = ${kind("traffic")}, 'firewall', ''))`,
  service: "sql: replaceAll(lower(heads[3]), ' ', '')",
  columns: {
    ...kindColumns("kind"),
    status_id: "ended",
    status_detail: at("reason", "result"),
    user_name: at("usrName", "accountName", "identUserName"),
    src_endpoint_ip: at("src", "identSrc"),
    src_endpoint_port: at("srcPort"),
    src_endpoint_hostname: at("identHostName"),
    dst_endpoint_ip: at("dst"),
    dst_endpoint_port: at("dstPort"),
    http_request_method: at("method"),
    http_request_url_path: String.raw`extract(${at("url")}, '^(?:[a-z]+://[^/?]*)?([^?]*)')`,
    http_request_user_agent: at("userAgent"),
    traffic_bytes_out: at("srcBytes"),
    api_service_name: "heads[3]",
    api_operation: "operation",
    resource_uid: at("resource"),
    message: at("msg"),
    fields: asFields("mapConcat(pairs, map('uri', pairs['url']))"),
  },
  fieldPlaces: (field) => {
    if (field === "src_ip") return [inColumn("src_endpoint_ip")];
    if (field === "dst_ip") return [inColumn("dst_endpoint_ip")];
    if (field === "src_port") return [inColumn("src_endpoint_port")];
    if (field === "dst_port") return [inColumn("dst_endpoint_port")];
    return [inFields(["c-uri", "cs-uri", "cs-uri-query"].includes(field) ? "uri" : field)];
  },
};
