// Zeek's logs as JSON, one file a protocol or all in one with `_path`. https://docs.zeek.org/en/master/logs/index.html
import type { FieldPlace, Format } from "../format.ts";
import { fieldMap, isWebField, webFieldPlaces } from "../http-columns.ts";
import { has, inColumn, inJson, isText, jsonReads } from "../json-reads.ts";
import { kind, kindColumns } from "../kinds.ts";
import { firstThere, pathOf, queryOf, utcTime } from "../sql-words.ts";

const { steps, at } = jsonReads({
  path: ["_path", "log_type"],
  time: ["ts", "_write_ts"],
  uid: ["uid", "fuid"],
  from: ['"id.orig_h"', "id.orig_h", "tx_hosts[]"].slice(0, 2),
  fromPort: ['"id.orig_p"', "id.orig_p"],
  to: ['"id.resp_h"', "id.resp_h"],
  toPort: ['"id.resp_p"', "id.resp_p"],
  proto: "proto",
  service: "service",
  connState: "conn_state",
  bytes: "orig_bytes",
  query: "query",
  qtype: "qtype_name",
  rcode: "rcode_name",
  host: "host",
  method: "method",
  uri: "uri",
  agent: "user_agent",
  referrer: "referrer",
  httpStatus: "status_code",
  bodyLength: "response_body_len",
  serverName: "server_name",
  user: ["username", "user", "client", "cookie"],
  authSuccess: "auth_success",
  success: "success",
  requestType: "request_type",
  errorMessage: "error_msg",
  endpoint: "endpoint",
  operation: "operation",
  action: "action",
  name: "name",
  share: "path",
  command: "command",
  replyCode: "reply_code",
  mailFrom: "mailfrom",
  certificate: '"certificate.serial"',
  version: '"certificate.version"',
  fileSource: "source",
  notice: "note",
  message: "msg",
  result: "result",
  securityProtocol: "security_protocol",
});

// Where the records do not say which log they are of, their own fields do.
const PATH = `multiIf(
  ${at.path} != '', ${at.path},
  ${at.qtype} != '' or (${at.query} != '' and ${at.proto} != ''), 'dns',
  ${at.connState} != '', 'conn',
  ${at.authSuccess} != '' or JSONHas(raw, 'auth_attempts'), 'ssh',
  ${at.method} != '' or JSONHas(raw, 'trans_depth') and JSONHas(raw, 'status_code'), 'http',
  ${at.requestType} != '', 'kerberos',
  ${at.endpoint} != '' and ${at.operation} != '', 'dce_rpc',
  ${at.certificate} != '' or ${at.version} != '', 'x509',
  startsWith(${at.action}, 'SMB::'), 'smb_files',
  JSONHas(raw, 'share_type'), 'smb_mapping',
  JSONHas(raw, 'cookie') or ${at.securityProtocol} != '', 'rdp',
  JSONHas(raw, 'server_nb_computer_name') or JSONHas(raw, 'domainname'), 'ntlm',
  JSONHas(raw, 'mailfrom') or JSONHas(raw, 'helo'), 'smtp',
  ${at.notice} != '', 'notice',
  JSONHas(raw, 'cipher') or JSONHas(raw, 'ja3') or ${at.serverName} != '', 'ssl',
  ${at.command} != '' and ${at.replyCode} != '', 'ftp',
  JSONHas(raw, 'fuid'), 'files',
  '')`;

const PRIVATE = (address: string): string =>
  `match(${address}, '^(10[.]|127[.]|192[.]168[.]|172[.](1[6-9]|2[0-9]|3[01])[.]|169[.]254[.]|::1$|(?i)f[cde])')`;

const KIND = `multiIf(
  log = 'dns', ${kind("dns-traffic")},
  log = 'http', transform(upper(${at.method}),
    ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE'],
    ['http-connect', 'http-delete', 'http-get', 'http-head', 'http-options', 'http-post', 'http-put', 'http-trace'], ${kind("http-other")}),
  log in ('ssh', 'ntlm', 'rdp', 'radius') or (log = 'ftp' and ${at.command} in ('USER', 'PASS')), ${kind("logon")},
  log = 'kerberos' and ${at.requestType} = 'AS', ${kind("ticket")},
  log = 'kerberos', ${kind("service-ticket")},
  log = 'smtp', ${kind("email-other")},
  log in ('smb_files', 'files'), ${kind("file-other")},
  ${kind("traffic")})`;

export const zeek: Format = {
  name: "zeek",
  about: "Zeek logs as JSON: one file a protocol, or all with _path",
  records: { by: "json" },
  json: true,
  claims: `${has("ts")} and (${has("id.orig_h")} or ${has("id", "orig_h")} or ${isText("_path")} or ${isText("fuid")} or ${has("certificate.serial")}
    or (${has("uid")} and ${has("proto")}))`,
  rank: 50,
  steps: {
    ...steps,
    log: PATH,
    kind: KIND,
    succeeded: `multiIf(log = 'ssh', ${at.authSuccess}, log in ('ntlm', 'kerberos'), ${at.success},
      log = 'radius', if(${at.result} = 'success', 'true', 'false'), log = 'ftp' and ${at.command} = 'PASS', if(${at.replyCode} = '230', 'true', 'false'),
      log = 'http' and ${at.httpStatus} != '', if(toUInt16OrZero(${at.httpStatus}) < 400, 'true', 'false'), '')`,
  },
  time: utcTime("told"),
  product: "zeek",
  // Generic rules ask by category. A request that leaves the own network is a proxy's, one that enters it a web server's.
  category: `sql: multiIf(log = 'dns', 'dns', log = 'conn', 'firewall',
    log = 'http', if(${PRIVATE(at.from)} and not ${PRIVATE(at.to)}, 'proxy', 'webserver'), '')`,
  service: "sql: log",
  columns: {
    ...kindColumns("kind"),
    status_id: "multiIf(succeeded = 'true', 1, succeeded = 'false', 2, 0)",
    status_detail: firstThere([at.errorMessage, at.rcode, at.connState]),
    metadata_uid: at.uid,
    user_name: `if(log in ('ssh', 'ntlm', 'kerberos', 'rdp', 'ftp', 'radius') and log != 'ssh', ${at.user}, '')`,
    auth_protocol: "if(log in ('ssh', 'ntlm', 'kerberos', 'rdp', 'radius', 'ftp'), log, '')",
    src_endpoint_ip: at.from,
    src_endpoint_port: at.fromPort,
    dst_endpoint_ip: at.to,
    dst_endpoint_port: at.toPort,
    dst_endpoint_hostname: firstThere([at.host, at.serverName]),
    http_request_method: at.method,
    http_request_url_path: pathOf(at.uri),
    http_request_url_query: queryOf(at.uri),
    http_request_user_agent: at.agent,
    http_request_referrer: at.referrer,
    http_response_code: at.httpStatus,
    traffic_bytes_out: firstThere([at.bytes, at.bodyLength]),
    api_service_name: firstThere([at.endpoint, `if(log = 'conn', ${at.service}, '')`]),
    api_operation: firstThere([at.operation, at.action, at.command, at.requestType]),
    resource_type: "log",
    resource_uid: firstThere([
      at.query,
      `if(log like 'smb%' and ${at.name} != '', concat(${at.share}, '\\\\', ${at.name}), '')`,
      at.share,
      at.name,
      at.certificate,
    ]),
    message: at.message,
    fields: fieldMap({ uri: at.uri }),
  },
  fieldPlaces: (field) =>
    isWebField(field) ? webFieldPlaces(field) : (PLACES[field] ?? plain(field)),
};

// Names with dots are whole keys, save where a shipper has nested them.
const plain = (field: string): readonly FieldPlace[] =>
  field.includes(".") ? [inJson(field), inJson(...field.split("."))] : [inJson(field)];

const PLACES: Readonly<Record<string, readonly FieldPlace[]>> = {
  src_ip: [inColumn("src_endpoint_ip")],
  dst_ip: [inColumn("dst_endpoint_ip")],
  src_port: [inColumn("src_endpoint_port")],
  dst_port: [inColumn("dst_endpoint_port")],
  record_type: [inJson("qtype_name")],
  answer: [inJson("answers")],
};
