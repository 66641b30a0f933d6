// Google Workspace's activities of the Reports API: admin, login, token, drive and the others. One record is one activity,
// which may hold several events. https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities
import type { Format } from "../format.ts";
import { has, inColumn, inFields, inJson, jsonFields, jsonReads, textAt } from "../json-reads.ts";
import { kindByVerb, kindOf, kindColumns } from "../kinds.ts";
import { email, firstThere, utcTime } from "../sql-words.ts";

const { steps, at } = jsonReads({
  time: ["id.time", "p_event_time"],
  id: "id.uniqueQualifier",
  app: "id.applicationName",
  customer: "id.customerId",
  email: "actor.email",
  key: "actor.key",
  profile: "actor.profileId",
  from: "ipAddress",
  names: "events[].name",
  types: "events[].type",
  parameterNames: "events[].parameters[].name",
  parameterTexts: "events[].parameters[].value",
  parameterFlags: "events[].parameters[].boolValue",
  parameterNumbers: "events[].parameters[].intValue",
  parameterLists: "events[].parameters[].multiValue",
  // One event a record, its parameters an object: how some pipelines store an activity.
  name: "name",
  type: "type",
  flat: "parameters",
});

const VALUES = `arrayMap((a, b, c, d) -> multiIf(a != '', a, b != '', b, c != '', c, d),
  arrayFlatten(${at.parameterTexts}), arrayFlatten(${at.parameterFlags}), arrayFlatten(${at.parameterNumbers}), arrayFlatten(${at.parameterLists}))`;
const FLAT = `arrayMap(p -> (lower(p.1), if(startsWith(p.2, '"'), JSONExtractString(p.2), p.2)), JSONExtractKeysAndValuesRaw(${at.flat}))`;

const parameter = (...names: readonly string[]): string =>
  firstThere(names.map((name) => `parameter['${name}']`));

const KIND = kindOf(
  "operation",
  {
    logon: [
      "login_success",
      "login_failure",
      "login_challenge",
      "login_verification",
      "suspicious_login",
      "suspicious_login_less_secure_app",
      "suspicious_programmatic_login",
    ],
    logoff: ["logout"],
    "authentication-other": ["gov_attack_warning", "risky_sensitive_action_allowed"],
    ticket: ["authorize"],
    "password-change": ["password_edit"],
    "password-reset": ["CHANGE_PASSWORD", "CHANGE_PASSWORD_ON_NEXT_LOGIN"],
    "mfa-enable": ["2sv_enroll", "titanium_enroll"],
    "mfa-disable": [
      "2sv_disable",
      "titanium_unenroll",
      "TURN_OFF_2_STEP_VERIFICATION",
      "UNENROLL_USER_FROM_STRONG_AUTH",
    ],
    "account-create": ["CREATE_USER", "USER_INVITE", "BULK_UPLOAD"],
    "account-delete": ["DELETE_USER"],
    "account-enable": ["UNSUSPEND_USER", "UNDELETE_USER"],
    "account-disable": [
      "SUSPEND_USER",
      "ARCHIVE_USER",
      "account_disabled_generic",
      "account_disabled_hijacked",
      "account_disabled_password_leak",
      "account_disabled_spamming",
      "account_disabled_spamming_through_relay",
    ],
    "account-other": [
      "recovery_email_edit",
      "recovery_phone_edit",
      "recovery_secret_qa_edit",
      "RENAME_USER",
      "CHANGE_RECOVERY_EMAIL",
      "CHANGE_RECOVERY_PHONE",
    ],
    "privilege-grant": [
      "ASSIGN_ROLE",
      "ADD_PRIVILEGE",
      "GRANT_ADMIN_PRIVILEGE",
      "GRANT_DELEGATED_ADMIN_PRIVILEGES",
      "AUTHORIZE_API_CLIENT_ACCESS",
    ],
    "privilege-revoke": [
      "UNASSIGN_ROLE",
      "REMOVE_PRIVILEGE",
      "REVOKE_ADMIN_PRIVILEGE",
      "REMOVE_API_CLIENT_ACCESS",
    ],
    "group-create": ["CREATE_GROUP"],
    "group-delete": ["DELETE_GROUP"],
    "group-add": ["ADD_GROUP_MEMBER", "add_user", "add_member"],
    "group-remove": ["REMOVE_GROUP_MEMBER", "remove_user", "remove_member"],
    "resource-create": ["create", "upload"],
    "resource-read": ["view", "preview", "source_copy_view"],
    "resource-update": ["edit", "rename", "move"],
    "resource-delete": ["delete", "trash"],
    "resource-export": ["download", "copy", "source_copy", "export", "print"],
    "resource-share": [
      "change_user_access",
      "change_document_visibility",
      "change_document_access_scope",
      "change_acl_editors",
      "shared_drive_membership_change",
      "team_drive_membership_change",
    ],
  },
  kindByVerb("operation", "entity"),
);

const AFFECTED = parameter(
  "affected_email_address",
  "user_email",
  "target_user",
  "target",
  "email",
  "member",
);

export const googleWorkspace: Format = {
  name: "google-workspace",
  about: "Google Workspace activities of the Reports API: admin, login, token, drive and others",
  records: { by: "json", inside: ["items"] },
  json: true,
  claims: `(startsWith(${textAt("kind")}, 'admin#reports#activity') or ${has("id", "applicationName")}) and (${has("events")} or ${has("name")})`,
  rank: 50,
  steps: {
    ...steps,
    operation: firstThere([`${at.names}[1]`, at.name]),
    pairs: `arrayConcat(arrayZip(arrayMap(x -> lower(x), arrayFlatten(${at.parameterNames})), ${VALUES}), ${FLAT})`,
    parameter: "cast(mapFromArrays(pairs.1, pairs.2) as Map(String, String))",
    kind: KIND,
    whom: `if(kind in ('logon', 'logoff', 'password-change', 'mfa-enable', 'mfa-disable', 'account-other'), ${firstThere([AFFECTED, at.email])}, ${AFFECTED})`,
    failed: `operation in ('login_failure') or ${parameter("login_challenge_status")} in ('Challenge Failed.', 'Failed', 'failed')`,
  },
  time: utcTime("told"),
  product: "gcp", // as SigmaHQ files it
  category: "",
  service: `sql: concat('google_workspace.', lower(${at.app}))`,
  columns: {
    ...kindColumns("kind"),
    status_id: `multiIf(failed, 2, operation = 'login_challenge' and ${parameter("login_challenge_status")} = '', 0, 1)`,
    status_detail: parameter("login_failure_type", "login_challenge_status"),
    metadata_uid: at.id,
    actor_user_name: firstThere([at.email, at.key]),
    actor_user_uid: at.profile,
    user_name: "whom",
    user_email_addr: email("whom"),
    is_mfa: `multiIf(operation = 'login_verification', true, parameter['is_second_factor'] = '', null, parameter['is_second_factor'] = 'true')`,
    auth_protocol: parameter("login_type", "login_challenge_method"),
    src_endpoint_ip: at.from,
    // Named as in the log that Google Cloud gets of it, which rules are written for.
    api_service_name: `concat(lower(${at.app}), '.googleapis.com')`,
    api_operation: "operation",
    resource_type: firstThere([parameter("doc_type"), `${at.types}[1]`, at.type]),
    resource_uid: parameter(
      "doc_id",
      "doc_title",
      "group_email",
      "role_name",
      "app_name",
      "client_id",
    ),
    cloud_account_uid: at.customer,
    message: parameter("doc_title"),
    fields: "parameter",
  },
  fieldPlaces: (field) => placesOf(field),
};

const EVENT_NAMES = [inJson("events", "name"), inJson("name")];

const placesOf = jsonFields({
  eventService: [inColumn("api_service_name")],
  "protoPayload.serviceName": [inColumn("api_service_name")],
  "protoPayload.Servicename": [inColumn("api_service_name")],
  eventName: EVENT_NAMES,
  "protoPayload.metadata.event.eventName": EVENT_NAMES,
  setting_name: [inFields("setting_name")],
  new_value: [inFields("new_value")],
  old_value: [inFields("old_value")],
});
