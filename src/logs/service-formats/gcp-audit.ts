// Google Cloud audit logs: LogEntry with an AuditLog as protoPayload. Google Workspace's logs that are shared with Google
// Cloud come in the same form. https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog
import type { Format } from "../format.ts";
import { has, inColumn, inFields, inJson, isText, jsonFields, jsonReads } from "../json-reads.ts";
import { kindByVerb, kindOf, kindColumns } from "../kinds.ts";
import { firstThere, hostname, pairValue, statusId, utcTime } from "../sql-words.ts";

const { steps, at } = jsonReads({
  time: ["timestamp", "receiveTimestamp", "p_event_time"],
  id: ["insertId", "insertid"],
  log: ["logName", "logname"],
  severity: "severity",
  resourceType: "resource.type",
  project: "resource.labels.project_id",
  region: ["resource.labels.location", "resource.labels.region", "resource.labels.zone"],
  email: "protoPayload.authenticationInfo.principalEmail",
  subject: "protoPayload.authenticationInfo.principalSubject",
  serviceKey: "protoPayload.authenticationInfo.serviceAccountKeyName",
  method: "protoPayload.methodName",
  service: "protoPayload.serviceName",
  resource: "protoPayload.resourceName",
  from: ["protoPayload.requestMetadata.callerIp", "protoPayload.requestMetadata.callerIP"],
  agent: "protoPayload.requestMetadata.callerSuppliedUserAgent",
  code: "protoPayload.status.code",
  error: "protoPayload.status.message",
  granted: "protoPayload.authorizationInfo[].granted",
  events: "protoPayload.metadata.event[].eventName",
  parameterNames: "protoPayload.metadata.event[].parameter[].name",
  parameterValues: "protoPayload.metadata.event[].parameter[].value",
});

const EVENT = `${at.events}[1]`;
const OPERATION = firstThere([
  EVENT,
  `extract(${at.method}, '^google\\\\.(?:login|admin)\\\\..*\\\\.(\\\\w+)$')`,
]);
const parameter = (name: string): string =>
  pairValue(`arrayFlatten(${at.parameterNames})`, `arrayFlatten(${at.parameterValues})`, name);

const KIND = kindOf(
  "operation",
  {
    logon: [
      "login_success",
      "login_failure",
      "login_challenge",
      "login_verification",
      "loginSuccess",
      "loginFailure",
      "loginChallenge",
      "loginVerification",
      "suspicious_login",
      "suspicious_login_less_secure_app",
      "suspicious_programmatic_login",
      "suspiciousLogin",
    ],
    logoff: ["logout"],
    "password-change": ["password_edit", "passwordEdit"],
    "mfa-enable": ["2sv_enroll", "2svEnroll", "titanium_enroll"],
    "mfa-disable": ["2sv_disable", "2svDisable", "titanium_unenroll"],
    "account-disable": [
      "account_disabled_generic",
      "account_disabled_hijacked",
      "account_disabled_password_leak",
      "account_disabled_spamming",
      "account_disabled_spamming_through_relay",
      "accountDisabledGeneric",
      "accountDisabledHijacked",
      "accountDisabledPasswordLeak",
    ],
  },
  `multiIf(
    match(${at.method}, 'Generate(AccessToken|IdToken)$|SignBlob$|SignJwt$|SecurityTokenService'), 'ticket',
    match(${at.method}, '(^|[.])[sS]et(Org)?I[aA][mM]Pol(icy|icies)$'), 'privilege-grant',
    ${kindByVerb(`arrayElement(splitByChar('.', ${at.method}), -1)`, "api")})`,
);

export const gcpAudit: Format = {
  name: "gcp-audit",
  about: "Google Cloud audit logs: log entries with protoPayload, also of Google Workspace",
  records: { by: "json", inside: ["entries"] },
  json: true,
  claims: `${has("protoPayload")} and (
    JSONExtractString(raw, 'protoPayload', '@type') = 'type.googleapis.com/google.cloud.audit.AuditLog'
    or ${has("protoPayload", "authenticationInfo")} or ${isText("protoPayload", "methodName")}
    or ${isText("protoPayload", "serviceName")} or ${has("protoPayload", "authorizationInfo")})`,
  rank: 50,
  steps: { ...steps, operation: OPERATION, kind: KIND },
  time: utcTime("told"),
  product: "gcp",
  category: "",
  service: `sql: transform(${at.service}, ['login.googleapis.com', 'admin.googleapis.com'], ['google_workspace.login', 'google_workspace.admin'], 'gcp.audit')`,
  columns: {
    ...kindColumns("kind"),
    status_id: statusId({
      failure: `toInt32OrZero(${at.code}) != 0 or ${at.severity} = 'ERROR' or operation in ('login_failure', 'loginFailure')
        or (notEmpty(${at.granted}) and not has(${at.granted}, 'true') and ${at.code} != '')`,
      success: `operation not in ('login_challenge', 'loginChallenge') or ${parameter("login_challenge_status")} = 'passed'`,
    }),
    status_detail: firstThere([at.error, parameter("login_failure_type")]),
    metadata_uid: at.id,
    actor_user_name: firstThere([at.email, at.subject]),
    actor_user_uid: firstThere([at.subject, at.serviceKey]),
    user_name: `if(kind in ('logon', 'logoff', 'password-change', 'mfa-enable', 'mfa-disable', 'account-disable'),
      ${firstThere([parameter("affected_email_address"), at.email])}, '')`,
    user_email_addr: `if(kind in ('logon', 'logoff', 'password-change', 'mfa-enable', 'mfa-disable', 'account-disable'),
      ${firstThere([parameter("affected_email_address"), at.email])}, '')`,
    is_mfa: `if(${parameter("is_second_factor")} = '', null, ${parameter("is_second_factor")} = 'true')`,
    src_endpoint_ip: at.from,
    src_endpoint_hostname: hostname(at.from),
    http_request_user_agent: at.agent,
    api_service_name: at.service,
    api_operation: firstThere([EVENT, at.method]),
    api_response_error: at.error,
    resource_type: at.resourceType,
    resource_uid: at.resource,
    cloud_account_uid: firstThere([at.project, `extract(${at.resource}, '^projects/([^/]+)')`]),
    cloud_region: at.region,
    fields: `map('log', extract(${at.log}, '/logs/(.+)$'))`,
  },
  fieldPlaces: (field) => {
    // A sink to Pub/Sub puts the entry below `data`, and rules written for one say so.
    const inner = field.replace(/^data\./, "");
    return placesOf(inner);
  },
};

const placesOf = jsonFields({
  "gcp.audit.method_name": [inJson("protoPayload", "methodName")],
  "gcp.audit.service_name": [inJson("protoPayload", "serviceName")],
  "gcp.audit.resource_name": [inJson("protoPayload", "resourceName")],
  "protoPayload.Servicename": [inJson("protoPayload", "serviceName")],
  // `cloudaudit.googleapis.com%2Factivity`, without the project before it. Both stand beside protoPayload in a LogEntry, also where a rule puts them below it.
  "protoPayload.logName": [inFields("log")],
  "protoPayload.resource.type": [
    inJson("protoPayload", "resource", "type"),
    inJson("resource", "type"),
  ],
  eventService: [inColumn("api_service_name")],
  eventName: [inColumn("api_operation")],
});
