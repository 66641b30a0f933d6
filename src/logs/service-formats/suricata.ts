// Suricata's EVE JSON. https://docs.suricata.io/en/latest/output/eve/eve-json-format.html
import type { Format } from "../format.ts";
import { fieldMap, isWebField, webFieldPlaces } from "../http-columns.ts";
import { has, inColumn, inJson, isText, jsonFields, jsonReads } from "../json-reads.ts";
import { kind, kindColumns } from "../kinds.ts";
import { firstThere, pathOf, queryOf, utcTime } from "../sql-words.ts";

const { steps, at } = jsonReads({
  time: "timestamp",
  flow: "flow_id",
  type: "event_type",
  from: "src_ip",
  fromPort: "src_port",
  to: "dest_ip",
  toPort: "dest_port",
  sensor: "host",
  host: ["http.hostname", "tls.sni"],
  method: "http.http_method",
  url: "http.url",
  agent: "http.http_user_agent",
  referrer: "http.http_refer",
  code: "http.status",
  bytes: "flow.bytes_toserver",
  query: ["dns.rrname", "dns.queries[].rrname"].slice(0, 1),
  queries: "dns.queries[].rrname",
  dnsType: "dns.type",
  signature: "alert.signature",
  signatureId: "alert.signature_id",
  action: "alert.action",
  category: "alert.category",
  file: ["fileinfo.filename", "smb.filename"],
  user: ["krb5.cname", "smb.ntlmssp.user", "smtp.mail_from"],
  sshAgent: "ssh.client.software_version",
});

const KIND = `multiIf(
  ${at.type} = 'dns', if(${at.dnsType} in ('answer', 'response'), ${kind("dns-response")}, ${kind("dns-query")}),
  ${at.type} = 'http', transform(upper(${at.method}),
    ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE'],
    ['http-connect', 'http-delete', 'http-get', 'http-head', 'http-options', 'http-post', 'http-put', 'http-trace'], ${kind("http-other")}),
  ${at.type} = 'krb5', ${kind("ticket")},
  ${at.type} = 'smtp', ${kind("email-other")},
  ${at.type} = 'fileinfo', ${kind("file-other")},
  ${at.type} = 'stats', ${kind("other")},
  ${kind("traffic")})`;

export const suricata: Format = {
  name: "suricata",
  about: "Suricata EVE JSON",
  records: { by: "json" },
  json: true,
  claims: `${isText("event_type")} and ${has("timestamp")} and (${has("flow_id")} or (${has("src_ip")} and ${has("dest_ip")}) or ${has("stats")})`,
  rank: 50,
  steps: { ...steps, kind: KIND },
  time: utcTime("told"),
  product: "suricata",
  category: `sql: transform(${at.type}, ['dns', 'http', 'flow', 'netflow'], ['dns', 'webserver', 'firewall', 'firewall'], '')`,
  service: `sql: ${at.type}`,
  columns: {
    ...kindColumns("kind"),
    status_id: `multiIf(${at.action} = 'blocked' or toUInt16OrZero(${at.code}) >= 400, 2, ${at.action} = 'allowed' or toUInt16OrZero(${at.code}) > 0, 1, 0)`,
    status_detail: at.category,
    metadata_uid: at.flow,
    user_name: at.user,
    src_endpoint_ip: at.from,
    src_endpoint_port: at.fromPort,
    dst_endpoint_ip: at.to,
    dst_endpoint_port: at.toPort,
    dst_endpoint_hostname: at.host,
    device_hostname: at.sensor,
    http_request_method: at.method,
    http_request_url_path: pathOf(at.url),
    http_request_url_query: queryOf(at.url),
    http_request_user_agent: firstThere([at.agent, at.sshAgent]),
    http_request_referrer: at.referrer,
    http_response_code: at.code,
    traffic_bytes_out: at.bytes,
    api_operation: at.type,
    resource_type: `multiIf(${at.signatureId} != '', 'signature', ${at.file} != '', 'file', '')`,
    resource_uid: firstThere([at.signatureId, at.file, at.query, `${at.queries}[1]`]),
    message: at.signature,
    fields: fieldMap({ uri: at.url }),
  },
  fieldPlaces: (field) => (isWebField(field) ? webFieldPlaces(field) : placesOf(field)),
};

const placesOf = jsonFields({
  query: [inJson("dns", "rrname"), inJson("dns", "queries", "rrname")],
  record_type: [inJson("dns", "rrtype"), inJson("dns", "queries", "rrtype")],
  answer: [inJson("dns", "answers", "rdata"), inJson("dns", "rdata")],
  dst_ip: [inColumn("dst_endpoint_ip")],
  dst_port: [inColumn("dst_endpoint_port")],
});
