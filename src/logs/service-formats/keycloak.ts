// Keycloak's events: of the admin API or a listener as JSON, and of the server's log (`--log-console-output=json`), whose
// message lists them as name="value". https://www.keycloak.org/docs/latest/server_admin/#auditing-user-and-admin-events
import type { Format } from "../format.ts";
import { has, inFields, inJson, isText, jsonReads, textAt } from "../json-reads.ts";
import { kind, kindByVerb, kindOf, kindColumns } from "../kinds.ts";
import { email, firstThere, utcTime } from "../sql-words.ts";

const { steps, at } = jsonReads({
  time: ["time", "timestamp"],
  id: "id",
  type: "type",
  realm: ["realmName", "realmId"],
  client: "clientId",
  user: ["details.username", "details.user_name"],
  email: "details.email",
  userId: "userId",
  session: ["sessionId", "details.code_id"],
  from: ["ipAddress", "authDetails.ipAddress"],
  error: "error",
  method: ["details.auth_method", "details.credential_type"],
  operation: "operationType",
  resourceType: "resourceType",
  resourcePath: "resourcePath",
  adminId: "authDetails.userId",
  adminClient: "authDetails.clientId",
  adminUser: "authDetails.username",
  message: "message",
  host: "hostName",
});

const pair = (...names: readonly string[]): string =>
  firstThere(names.map((name) => `pairs['${name}']`));

const KIND = kindOf(
  "base",
  {
    logon: ["LOGIN", "IDENTITY_PROVIDER_LOGIN", "IDENTITY_PROVIDER_FIRST_LOGIN", "CLIENT_LOGIN"],
    logoff: ["LOGOUT", "REVOKE_GRANT", "USER_SESSION_DELETED"],
    "account-switch": ["IMPERSONATE"],
    ticket: [
      "CODE_TO_TOKEN",
      "REFRESH_TOKEN",
      "TOKEN_EXCHANGE",
      "OAUTH2_DEVICE_CODE_TO_TOKEN",
      "PERMISSION_TOKEN",
      "AUTHREQID_TO_TOKEN",
    ],
    "account-create": ["REGISTER", "FEDERATED_IDENTITY_LINK", "CREATE USER"],
    "account-delete": ["DELETE_ACCOUNT", "DELETE USER"],
    "account-lock": ["USER_DISABLED_BY_TEMPORARY_LOCKOUT", "USER_DISABLED_BY_PERMANENT_LOCKOUT"],
    "password-change": ["UPDATE_PASSWORD"],
    "password-reset": ["RESET_PASSWORD", "SEND_RESET_PASSWORD", "ACTION USER"],
    "mfa-enable": ["UPDATE_TOTP"],
    "mfa-disable": ["REMOVE_TOTP"],
    "account-other": [
      "UPDATE_EMAIL",
      "UPDATE_PROFILE",
      "UPDATE_CREDENTIAL",
      "REMOVE_CREDENTIAL",
      "VERIFY_EMAIL",
      "SEND_VERIFY_EMAIL",
      "UPDATE USER",
    ],
    "privilege-grant": ["CREATE REALM_ROLE_MAPPING", "CREATE CLIENT_ROLE_MAPPING"],
    "privilege-revoke": ["DELETE REALM_ROLE_MAPPING", "DELETE CLIENT_ROLE_MAPPING"],
    "group-add": ["CREATE GROUP_MEMBERSHIP"],
    "group-remove": ["DELETE GROUP_MEMBERSHIP"],
    "group-create": ["CREATE GROUP"],
    "group-delete": ["DELETE GROUP"],
  },
  `if(${at.operation} != '', ${kindByVerb("lower(base)", "entity")}, ${kind("authentication-other")})`,
);

const TARGET = firstThere([
  `extract(${at.resourcePath}, '^users/([^/]+)')`,
  `extract(pairs['resourcePath'], '^users/([^/]+)')`,
]);

export const keycloak: Format = {
  name: "keycloak",
  about: "Keycloak events: API, listeners, the server's JSON log",
  records: { by: "json" },
  json: true,
  claims: `((${has("realmId")} and (${has("operationType")} or (match(${textAt("type")}, '^[A-Z][A-Z0-9_]+$') and (${has("clientId")} or ${has("userId")} or ${has("ipAddress")}))))
    or (${isText("loggerName")} and match(${textAt("loggerName")}, '^org[.]keycloak[.]events')))`,
  rank: 60,
  steps: {
    ...steps,
    pairs: `extractKeyValuePairs(${at.message}, '=', ', ', '"')`,
    operation: firstThere([
      at.type,
      `if(${at.operation} = '', '', concat(${at.operation}, ' ', ${at.resourceType}))`,
      `if(${pair("operationType")} = '', '', concat(${pair("operationType")}, ' ', ${pair("resourceType")}))`,
      pair("type"),
    ]),
    base: `multiIf(match(${firstThere([at.resourcePath, pair("resourcePath")])}, '/reset-password$'), 'RESET_PASSWORD', replaceRegexpOne(operation, '_ERROR$', ''))`,
    failed: `endsWith(operation, '_ERROR') or ${firstThere([at.error, pair("error")])} != ''`,
    kind: KIND,
    whom: firstThere([at.user, pair("username"), at.email]),
  },
  time: utcTime("told"),
  product: "keycloak",
  category: "",
  service: "events",
  columns: {
    ...kindColumns("kind"),
    status_id: "if(failed, 2, 1)",
    status_detail: firstThere([at.error, pair("error")]),
    metadata_uid: at.id,
    actor_user_name: firstThere([at.adminUser, "whom"]),
    actor_user_uid: firstThere([at.adminId, at.userId, pair("userId")]),
    user_name: "whom",
    user_uid: firstThere([TARGET, at.userId, pair("userId")]),
    user_email_addr: firstThere([at.email, email("whom")]),
    session_uid: firstThere([at.session, pair("sessionId", "code_id")]),
    auth_protocol: firstThere([at.method, pair("auth_method", "auth_type")]),
    src_endpoint_ip: firstThere([at.from, pair("ipAddress")]),
    device_hostname: at.host,
    api_service_name: firstThere([at.client, at.adminClient, pair("clientId")]),
    api_operation: "operation",
    api_response_error: firstThere([at.error, pair("error")]),
    resource_type: firstThere([at.resourceType, pair("resourceType")]),
    resource_uid: firstThere([at.resourcePath, pair("resourcePath")]),
    cloud_account_uid: firstThere([at.realm, pair("realmName", "realmId")]),
    fields: "pairs",
  },
  fieldPlaces: (field) => [inJson(...field.split(".")), inFields(field)],
};
