// Cloudflare's Logpush data sets: HTTP requests, firewall events, audit logs, Access requests.
// https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/
import type { Format } from "../format.ts";
import { fieldMap, isWebField, webFieldPlaces } from "../http-columns.ts";
import { has, inColumn, inJson, isText, jsonFields, jsonReads } from "../json-reads.ts";
import { kind, kindByVerb, kindColumns } from "../kinds.ts";
import { firstThere, pathOf, queryOf, utcTime } from "../sql-words.ts";

const { steps, at } = jsonReads({
  time: ["EdgeStartTimestamp", "Datetime", "When", "CreatedAt", "ActionTimestamp"],
  id: ["RayID", "ID", "AuditLogID"],
  from: ["ClientIP", "ActorIP", "IPAddress", "ActorIPAddress"],
  fromPort: "ClientSrcPort",
  host: ["ClientRequestHost", "AppDomain"],
  method: "ClientRequestMethod",
  uri: "ClientRequestURI",
  path: "ClientRequestPath",
  query: "ClientRequestQuery",
  agent: "ClientRequestUserAgent",
  referrer: "ClientRequestReferer",
  code: "EdgeResponseStatus",
  bytes: "EdgeResponseBytes",
  action: "Action",
  securityAction: ["SecurityAction", "WAFAction"],
  rule: ["RuleID", "SecurityRuleID", "WAFRuleID"],
  kindOfRule: "Kind",
  actionType: "ActionType",
  actionResult: "ActionResult",
  actor: "ActorEmail",
  actorId: "ActorID",
  resourceType: "ResourceType",
  resourceId: "ResourceID",
  email: "Email",
  userId: "UserUID",
  allowed: "Allowed",
  connection: "Connection",
  zone: ["ZoneName", "ZoneID"],
  owner: ["OwnerID", "AccountID"],
  description: "Description",
});

const KIND = `multiIf(
  dataset = 'access_requests', if(match(${at.action}, '(?i)logout'), ${kind("logoff")}, ${kind("logon")}),
  dataset = 'audit_logs', multiIf(lower(${at.actionType}) = 'login', ${kind("logon")}, lower(${at.actionType}) = 'logout', ${kind("logoff")},
    ${kindByVerb(`replaceAll(lower(${at.actionType}), '_', ' ')`, "entity")}),
  transform(upper(${at.method}),
    ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE'],
    ['http-connect', 'http-delete', 'http-get', 'http-head', 'http-options', 'http-post', 'http-put', 'http-trace'], ${kind("http-other")}))`;

const REFUSED =
  "('block', 'challenge', 'jschallenge', 'managed_challenge', 'drop', 'connection_close', 'challengefailed', 'jschallengefailed')";

export const cloudflare: Format = {
  name: "cloudflare",
  about: "Cloudflare Logpush: HTTP requests, firewall events, audit logs, Access requests",
  records: { by: "json" },
  json: true,
  claims: `((${has("ClientIP")} and ${has("ClientRequestHost")} and (${has("RayID")} or ${has("EdgeStartTimestamp")} or ${has("EdgeResponseStatus")}))
    or (${isText("ActionType")} and ${has("ActionResult")} and ${has("ActorIP")})
    or (${has("Allowed")} and ${isText("AppDomain")} and (${has("Email")} or ${has("IPAddress")})))`,
  rank: 50,
  steps: {
    ...steps,
    dataset: `multiIf(${at.actionType} != '', 'audit_logs', JSONHas(raw, 'AppDomain'), 'access_requests',
      JSONHas(raw, 'Action') and JSONHas(raw, 'RuleID'), 'firewall_events', 'http_requests')`,
    kind: KIND,
    refused: `lower(${firstThere([at.action, at.securityAction])}) in ${REFUSED}`,
  },
  time: utcTime("told"),
  product: "cloudflare",
  category: "sql: if(dataset in ('http_requests', 'firewall_events'), 'webserver', '')",
  service: "sql: dataset",
  columns: {
    ...kindColumns("kind"),
    status_id: `multiIf(
      dataset = 'audit_logs', if(lower(${at.actionResult}) in ('true', 'success', '1'), 1, 2),
      dataset = 'access_requests', if(lower(${at.allowed}) = 'true', 1, 2),
      refused or toUInt16OrZero(${at.code}) >= 400, 2, 1)`,
    status_detail: firstThere([
      `if(dataset = 'audit_logs', '', ${at.action})`,
      at.securityAction,
      at.description,
    ]),
    metadata_uid: at.id,
    actor_user_name: firstThere([at.actor, at.email]),
    actor_user_uid: firstThere([at.actorId, at.userId]),
    user_name: firstThere([at.email, `if(kind in ('logon', 'logoff'), ${at.actor}, '')`]),
    user_uid: at.userId,
    user_email_addr: at.email,
    auth_protocol: at.connection,
    src_endpoint_ip: at.from,
    src_endpoint_port: at.fromPort,
    dst_endpoint_hostname: at.host,
    http_request_method: at.method,
    http_request_url_path: firstThere([pathOf(at.uri), at.path]),
    http_request_url_query: firstThere([queryOf(at.uri), `trim(leading '?' from ${at.query})`]),
    http_request_user_agent: at.agent,
    http_request_referrer: at.referrer,
    http_response_code: at.code,
    traffic_bytes_out: at.bytes,
    api_service_name: "'Cloudflare'",
    api_operation: firstThere([at.actionType, at.action]),
    resource_type: firstThere([at.resourceType, at.kindOfRule]),
    resource_uid: firstThere([at.resourceId, at.rule]),
    cloud_account_uid: firstThere([at.owner, at.zone]),
    fields: fieldMap({ uri: firstThere([at.uri, `concat(${at.path}, ${at.query})`]) }),
  },
  fieldPlaces: (field) => (isWebField(field) ? webFieldPlaces(field) : placesOf(field)),
};

const placesOf = jsonFields({
  src_ip: [inColumn("src_endpoint_ip")],
  action: [inJson("Action"), inJson("SecurityAction")],
});
