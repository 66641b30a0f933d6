import { quote } from "../../db/click-bind.ts";
import type { Format } from "../format.ts";
import { inColumn, inFields } from "../json-reads.ts";
import { kind, kindColumns } from "../kinds.ts";
import { asFields, valueOf } from "../key-values.ts";
import { eventKind, outcome } from "../appliance-words.ts";
import { anyTime, syslogTime } from "../time.sql.ts";

const HEADER = String.raw`^(?:.{0,200}?[\s:])?CEF:[ ]?[0-9]+\|((?:[^|\\]|\\.)*)\|((?:[^|\\]|\\.)*)\|((?:[^|\\]|\\.)*)\|((?:[^|\\]|\\.)*)\|((?:[^|\\]|\\.)*)\|((?:[^|\\]|\\.)*)\|`;
const BSD = String.raw`[A-Z][a-z]{2} [ 0-9][0-9] (?:[0-9]{4} )?[0-9:]{8}`;
const ISO = String.raw`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[-+][0-9:]{4,6})?`;
const KEY = String.raw`(?:^|\s)([A-Za-z][A-Za-z0-9_.\[\]-]*)=`;

const at = (...keys: readonly string[]): string => valueOf("pairs", ...keys);

/** A value reaches to the next key, blanks in it or not; `\=`, `\\`, `\n` and `\|` are escapes. CEF implementation standard, rev. 25. */
export const cef: Format = {
  name: "cef",
  about: "ArcSight's Common Event Format, with or without a syslog header",
  records: { by: "line" },
  json: false,
  claims: `match(raw, ${quote(String.raw`(?:^|[\s:])CEF:[ ]?[0-9]+\|[^|]*\|[^|]*\|`)})`,
  rank: 60,
  steps: {
    heads: `extractGroups(raw, ${quote(HEADER)})`,
    header: `extract(raw, ${quote(HEADER.replaceAll("((?:", "(?:(?:"))})`,
    extension: "substring(raw, length(header) + 1)",
    keys: `extractAll(extension, ${quote(KEY)})`,
    // What no text holds marks the ends of values.
    cut: `splitByChar('\\x01', replaceRegexpAll(extension, ${quote(KEY)}, '\\x01'))`,
    pairs: String.raw`mapFromArrays(arraySlice(keys, 1, least(length(keys), length(cut) - 1)),
      arrayMap(x -> replaceAll(replaceAll(replaceAll(trimRight(x), '\\=', '='), '\\|', '|'), '\\\\', '\\'), arraySlice(cut, 2, least(length(keys), length(cut) - 1))))`,
    stamp: `multiIf(${at("rt", "end", "start")} != '', ${at("rt", "end", "start")}, extract(header, ${quote(`(${ISO}|${BSD})`)}))`,
    operation: "heads[5]",
    kind: eventKind(`concat(operation, ' ', ${at("cat", "act", "msg")})`, {
      url: at("request"),
      from: at("src"),
    }),
    ended: outcome(`concat(${at("outcome", "act", "categoryOutcome")}, ' ', operation)`),
  },
  broken:
    "if(empty(heads), 'no CEF header: version|vendor|product|version|class|name|severity|', '')",
  time: `if(match(stamp, '^[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:'), ${syslogTime("stamp")}, ${anyTime("stamp")})`,
  product: String.raw`sql: replaceAll(replaceAll(lower(heads[1]), '\\|', '|'), ' ', '')`,
  category: `sql: if(kind like 'http-%', 'proxy', if(kind = ${kind("traffic")}, 'firewall', ''))`,
  service: String.raw`sql: replaceAll(replaceAll(lower(heads[2]), '\\|', '|'), ' ', '')`,
  columns: {
    ...kindColumns("kind"),
    status_id: "ended",
    status_detail: at("reason", "outcome"),
    metadata_uid: at("externalId", "eventId"),
    actor_user_name: at("suser", "suid"),
    user_name: `multiIf(${at("duser")} != '', ${at("duser")}, kind = ${kind("logon")}, ${at("suser")}, '')`,
    user_uid: at("duid"),
    src_endpoint_ip: at("src", "c6a2", "sourceTranslatedAddress"),
    src_endpoint_port: at("spt"),
    src_endpoint_hostname: at("shost"),
    dst_endpoint_ip: at("dst", "c6a3"),
    dst_endpoint_port: at("dpt"),
    dst_endpoint_hostname: at("dhost"),
    device_hostname: at("dvchost", "dvc"),
    http_request_method: at("requestMethod"),
    http_request_url_path: String.raw`extract(${at("request")}, '^(?:[a-z]+://[^/?]*)?([^?]*)')`,
    http_request_url_query: String.raw`extract(${at("request")}, '[?](.*)$')`,
    http_request_user_agent: at("requestClientApplication"),
    traffic_bytes_out: at("out"),
    api_service_name: "heads[2]",
    api_operation: "operation",
    resource_uid: at("filePath", "fname", "dproc"),
    process_name: at("sproc", "deviceProcessName"),
    process_pid: at("spid", "dvcpid"),
    message: at("msg"),
    fields: asFields(
      "mapConcat(pairs, map('uri', pairs['request'], 'DeviceVendor', heads[1], 'DeviceProduct', heads[2], 'DeviceVersion', heads[3], 'SignatureID', heads[4], 'Name', heads[5], 'Severity', heads[6]))",
    ),
  },
  fieldPlaces: (field) => applianceFields(field),
};

function applianceFields(field: string): ReturnType<Format["fieldPlaces"]> {
  const known: Readonly<Record<string, ReturnType<Format["fieldPlaces"]>>> = {
    src_ip: [inColumn("src_endpoint_ip")],
    dst_ip: [inColumn("dst_endpoint_ip")],
    src_port: [inColumn("src_endpoint_port")],
    dst_port: [inColumn("dst_endpoint_port")],
    "c-uri": [inFields("request")],
    "cs-uri": [inFields("request")],
    "cs-uri-query": [inFields("request")],
    "cs-method": [inColumn("http_request_method")],
    "c-useragent": [inColumn("http_request_user_agent")],
    "cs-user-agent": [inColumn("http_request_user_agent")],
    "cs-host": [inColumn("dst_endpoint_hostname")],
    action: [inFields("act")],
  };
  return Object.hasOwn(known, field) ? (known[field] ?? []) : [inFields(field)];
}
