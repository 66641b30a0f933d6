import { eventKind, outcome } from "../appliance-words.ts";
import type { Format } from "../format.ts";
import { httpKind, httpStatus } from "../http-columns.ts";
import { inColumn, inFields } from "../json-reads.ts";
import { kind, kindColumns } from "../kinds.ts";
import { asFields, pairsOf, valueOf } from "../key-values.ts";
import { signInSteps } from "../sign-ins/recognise.sql.ts";
import { anyTime } from "../time.sql.ts";

const PAIR = String.raw`[A-Za-z_@][A-Za-z0-9_.@-]*=(?:"(?:[^"\\]|\\.)*"|[^\s"]*)`;
const CLAIM = String.raw`'^(?:<[0-9]{1,3}>)?${PAIR.replaceAll("\\", "\\\\")}(?:[ ,]+${PAIR.replaceAll("\\", "\\\\")}){2,}'`;

const at = (...keys: readonly string[]): string => valueOf("pairs", ...keys);

/** `key=value key="a value"`, as Go's programs write it, and FortiGate with its own words for a firewall. */
export const logfmt: Format = {
  name: "logfmt",
  about: 'key=value key="a value" of any application, and FortiGate',
  records: { by: "line" },
  json: false,
  claims: `match(raw, ${CLAIM}) and not startsWith(raw, 'type=')`,
  rank: 25,
  steps: {
    bare: "if(startsWith(raw, '<'), replaceRegexpOne(raw, '^<[0-9]{1,3}>', ''), raw)",
    pairs: pairsOf("bare", { pairs: " ," }),
    fortigate:
      "pairs['logid'] != '' and pairs['devname'] != '' or pairs['logid'] != '' and pairs['subtype'] != ''",
    stamp: `if(pairs['date'] != '' and match(pairs['time'], '^[0-9]{1,2}:'), concat(pairs['date'], 'T', pairs['time'], if(match(pairs['tz'], '^[-+][0-9]{4}$'), pairs['tz'], '')), ${at("time", "ts", "timestamp", "t", "@timestamp", "date", "eventtime")})`,
    client: at(
      "remip",
      "srcip",
      "client_ip",
      "clientIp",
      "remote_addr",
      "remoteAddr",
      "remote_ip",
      "client",
      "ip",
      "src",
      "source_ip",
      "peer",
      "addr",
    ),
    ...signInSteps("bare", { known: "client" }),
    request_method: `upper(${at("method", "http_method")})`,
    path: at("path", "url", "uri", "request"),
    operation: at("action", "logdesc", "event", "method", "msg", "message"),
    kind: `multiIf(sign_in > 0, ${kind("logon")}, fortigate, ${eventKind(`concat(${at("logdesc")}, ' ', ${at("action")})`, { url: at("url"), from: at("srcip", "remip") })}, match(request_method, '^[A-Z]{3,10}$') and path != '', ${httpKind("request_method")}, ${kind("other")})`,
    code: at("status", "httpStatus", "status_code", "code", "statusCode"),
  },
  broken: "if(length(pairs) < 2, 'no pairs of key=value', '')",
  time: anyTime("stamp"),
  product: "sql: if(fortigate, 'fortigate', '')",
  category: "sql: if(fortigate and pairs['type'] = 'traffic', 'firewall', '')",
  service: "sql: if(fortigate, pairs['type'], '')",
  columns: {
    ...kindColumns("kind"),
    status_id: `multiIf(sign_in in (1, 2), sign_in, fortigate, ${outcome(`concat(${at("status")}, ' ', ${at("action")})`)}, ${httpStatus("code")})`,
    status_detail: at("reason", "error", "err"),
    user_name: `if(sign_in > 0 and who != '', who, nullIf(${at("user", "username", "user_name", "dstuser", "unauthuser", "login")}, 'N/A'))`,
    src_endpoint_ip: "whence",
    src_endpoint_port: at("srcport", "client_port"),
    src_endpoint_hostname: at("srcname"),
    dst_endpoint_ip: at("dstip", "dst", "locip"),
    dst_endpoint_port: at("dstport"),
    dst_endpoint_hostname: at("hostname", "host"),
    device_hostname: at("devname"),
    http_request_method: "if(path = '', '', request_method)",
    http_request_url_path: "splitByChar('?', path)[1]",
    http_request_user_agent: at("user_agent", "userAgent", "agent"),
    http_response_code: "code",
    traffic_bytes_out: at("sentbyte", "bytes", "responseSize", "size"),
    api_operation: "operation",
    process_name: at("app", "service", "logger", "component"),
    resource_uid: at("cfgpath", "filename"),
    message: at("msg", "message"),
    fields: asFields("pairs"),
  },
  fieldPlaces: (field) => {
    const known: Readonly<Record<string, ReturnType<Format["fieldPlaces"]>>> = {
      src_ip: [inColumn("src_endpoint_ip")],
      dst_ip: [inColumn("dst_endpoint_ip")],
      src_port: [inColumn("src_endpoint_port")],
      dst_port: [inColumn("dst_endpoint_port")],
    };
    return Object.hasOwn(known, field) ? (known[field] ?? []) : [inFields(field)];
  },
};
