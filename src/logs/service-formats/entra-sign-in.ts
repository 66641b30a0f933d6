// Microsoft Entra ID's sign-ins, of users, services and managed identities: exported by diagnostic settings, from Microsoft
// Graph, as the table SigninLogs. https://learn.microsoft.com/en-us/graph/api/resources/signin
import type { Format } from "../format.ts";
import {
  has,
  inColumn,
  inFields,
  inJson,
  isText,
  jsonFields,
  jsonReads,
  textAt,
} from "../json-reads.ts";
import { kind, kindColumns } from "../kinds.ts";
import { email, firstThere, utcTime } from "../sql-words.ts";

// The same attribute below `properties`, bare, and as the table's column.
const three = (path: string): readonly string[] => [
  `properties.${path}`,
  path,
  path.charAt(0).toUpperCase() + path.slice(1),
];

const { steps, at } = jsonReads({
  time: [
    "properties.createdDateTime",
    "createdDateTime",
    "CreatedDateTime",
    "time",
    "TimeGenerated",
  ],
  id: ["properties.id", "id", "Id", "correlationId", "CorrelationId"],
  user: [
    ...three("userPrincipalName"),
    ...three("servicePrincipalName"),
    ...three("servicePrincipalId"),
    "identity",
  ],
  userId: [...three("userId"), ...three("servicePrincipalId")],
  from: ["properties.ipAddress", "ipAddress", "IPAddress", "callerIpAddress"],
  agent: three("userAgent"),
  app: three("appDisplayName"),
  resource: three("resourceDisplayName"),
  resourceId: ["properties.resourceId", "ResourceIdentity"],
  code: [
    "properties.status.errorCode",
    "status.errorCode",
    "Status.errorCode",
    "ResultType",
    "resultType",
  ],
  reason: [
    "properties.status.failureReason",
    "status.failureReason",
    "Status.failureReason",
    "ResultDescription",
    "resultDescription",
  ],
  more: ["properties.status.additionalDetails", "status.additionalDetails"],
  session: [...three("sessionId"), ...three("uniqueTokenIdentifier")],
  requirement: three("authenticationRequirement"),
  protocol: three("authenticationProtocol"),
  client: three("clientAppUsed"),
  networks: three("networkLocationDetails"),
  tenant: ["tenantId", "properties.tenantId", "AADTenantId", "TenantId"],
});

export const entraSignIn: Format = {
  name: "entra-sign-in",
  about: "Microsoft Entra ID sign-ins: exported, from Microsoft Graph, from Log Analytics",
  records: { by: "json", inside: ["records", "value"] },
  json: true,
  claims: `(
    (match(${textAt("category")}, 'SignInLogs$') and ${has("properties")})
    or (${has("createdDateTime")} and ${has("appDisplayName")} and (${has("status")} or ${has("conditionalAccessStatus")}))
    or (${isText("Category")} and match(${textAt("Category")}, 'SignInLogs$') and ${has("ResultType")})
    or (${has("AppDisplayName")} and ${has("ResultType")}))`,
  rank: 60,
  // 50140 asks whether to stay signed in; 50074, 50076 and 50079 ask for a second factor: interrupted, neither of the two.
  steps: {
    ...steps,
    code: `multiIf(${at.code} = '', '', match(${at.code}, '^\\\\d+$'), ${at.code}, lower(${at.code}) = 'success', '0', '-1')`,
    outcome:
      "multiIf(code = '', 0, code = '0', 1, code in ('50140', '50074', '50076', '50079', '50072', '50055', '16000'), 0, 2)",
    kind: kind("logon"),
  },
  time: utcTime("told"),
  product: "azure",
  category: "",
  service: "signinlogs",
  columns: {
    ...kindColumns("kind"),
    status_id: "outcome",
    status_detail: `if(outcome = 1, '', ${firstThere([at.reason, at.more, at.code])})`,
    metadata_uid: at.id,
    actor_user_name: at.user,
    actor_user_uid: at.userId,
    user_name: at.user,
    user_uid: at.userId,
    user_email_addr: email(at.user),
    session_uid: at.session,
    is_mfa: `multiIf(lower(${at.requirement}) = 'multifactorauthentication', true, lower(${at.requirement}) = 'singlefactorauthentication', false, null)`,
    auth_protocol: firstThere([at.protocol, at.client]),
    src_endpoint_ip: at.from,
    http_request_user_agent: at.agent,
    api_service_name: firstThere([at.app, at.resource]),
    api_operation: "'Sign-in activity'",
    api_response_error: "if(code in ('', '0'), '', code)",
    resource_type: "'application'",
    resource_uid: firstThere([at.resource, at.app, at.resourceId]),
    cloud_account_uid: at.tenant,
    // The whole list is one value: rules compare it with `[]`. The others as the portal words them, and rules with it.
    fields: `map('code', code, 'networks', ${at.networks},
      'status', multiIf(outcome = 1, 'Success', position(raw, 'MFA denied') > 0 or code = '500121', 'MFA Denied', outcome = 2, 'Failure', 'Interrupted'),
      'protocol', if(lower(${at.protocol}) = 'devicecode', 'Device Code', ${at.protocol}))`,
  },
  fieldPlaces: (field) => placesOf(field),
};

const spelled = (first: string, ...below: readonly string[]): ReturnType<typeof inJson>[] => {
  const lower = first.charAt(0).toLowerCase() + first.slice(1);
  const upper = first.charAt(0).toUpperCase() + first.slice(1);
  return [inJson("properties", lower, ...below), inJson(lower, ...below), inJson(upper, ...below)];
};

const DEVICE = ["deviceId", "isCompliant", "trustType"] as const;
const SPELLED = [
  "authenticationRequirement",
  "conditionalAccessStatus",
  "resourceDisplayName",
  "appDisplayName",
  "riskState",
  "riskEventType",
  "userPrincipalName",
  "userAgent",
] as const;

const placesOf = jsonFields({
  ...Object.fromEntries(
    SPELLED.flatMap((name) => [
      [name, spelled(name)],
      [name.charAt(0).toUpperCase() + name.slice(1), spelled(name)],
    ]),
  ),
  ...Object.fromEntries(
    DEVICE.flatMap((name) =>
      [name, name.toLowerCase()].map((as) => [`DeviceDetail.${as}`, spelled("deviceDetail", name)]),
    ),
  ),
  ResultType: [inFields("code")],
  ResultDescription: [inColumn("status_detail")],
  Resultdescription: [inColumn("status_detail")],
  Status: [inFields("status")],
  "properties.message": [inJson("properties", "message"), inFields("protocol")],
  ClientApp: spelled("clientAppUsed"),
  ActivityDetails: [],
  NetworkLocationDetails: [inFields("networks")],
  networkLocationDetails: [inFields("networks")],
  Username: [inColumn("user_name")],
});
