// Duo's logs of authentication and of administrators. https://duo.com/docs/adminapi#logs
import type { Format } from "../format.ts";
import { has, isText, jsonFields, jsonReads } from "../json-reads.ts";
import { kind, kindByVerb, kindOf, kindColumns } from "../kinds.ts";
import { firstThere, utcTime } from "../sql-words.ts";

const { steps, at } = jsonReads({
  time: ["isotimestamp", "timestamp", "ts", "p_event_time"],
  id: "txid",
  type: ["event_type", "eventtype"],
  result: "result",
  reason: "reason",
  factor: "factor",
  user: ["user.name", "username"],
  userId: "user.key",
  email: "email",
  from: ["access_device.ip", "ip", "auth_device.ip"],
  host: "access_device.hostname",
  browser: "access_device.browser",
  app: "application.name",
  appKey: "application.key",
  action: "action",
  object: "object",
  description: "description",
  actor: "actor.name",
});

const ACTION = `if(startsWith(${at.action}, '{'), JSONExtractString(${at.action}, 'name'), ${at.action})`;

const KIND = `if(action = '', if(${at.type} = 'enrollment', ${kind("mfa-enable")}, ${kind("logon")}), ${kindOf(
  "action",
  {
    logon: ["admin_login", "admin_login_error", "admin_2fa_error"],
    "account-create": ["user_create", "admin_create", "user_import"],
    "account-delete": ["user_delete", "user_pending_delete", "admin_delete"],
    "account-enable": ["user_restore", "admin_reactivates_duo_mobile"],
    "account-disable": ["user_disable"],
    "account-other": [
      "user_update",
      "admin_update",
      "bypass_create",
      "bypass_delete",
      "bypass_view",
    ],
    "account-lock": ["user_lockout", "admin_lockout"],
    "password-reset": ["admin_reset_password", "admin_self_activate"],
    "mfa-enable": [
      "phone_associate",
      "u2ftoken_create",
      "webauthncredential_create",
      "hardtoken_create",
    ],
    "mfa-disable": [
      "phone_disassociate",
      "u2ftoken_delete",
      "webauthncredential_delete",
      "phone_delete",
      "hardtoken_delete",
    ],
    "group-create": ["group_create"],
    "group-delete": ["group_delete"],
    "group-add": ["group_user_add", "user_adminapi_group_add"],
  },
  kindByVerb("replaceAll(action, '_', ' ')", "entity"),
)})`;

export const duo: Format = {
  name: "duo",
  about: "Duo logs of authentication and administrators",
  records: { by: "json", inside: ["response"] },
  json: true,
  claims: `((${has("access_device")} and (${has("factor")} or ${has("result")}))
    or (${isText("event_type")} and ${has("application", "key")} and ${has("result")})
    or (${has("action")} and ${isText("username")} and ${has("isotimestamp")}))`,
  rank: 50,
  steps: {
    ...steps,
    action: ACTION,
    kind: KIND,
    outcome: `multiIf(action != '', if(endsWith(action, '_error'), 2, 1), lower(${at.result}) in ('success', 'allow'), 1, ${at.result} = '', 0, 2)`,
  },
  time: utcTime("told"),
  product: "cisco",
  category: "",
  service: "duo",
  columns: {
    ...kindColumns("kind"),
    status_id: "outcome",
    status_detail: firstThere([at.reason, at.result]),
    metadata_uid: at.id,
    actor_user_name: firstThere([at.actor, at.user]),
    actor_user_uid: at.userId,
    user_name: `if(action = '' or kind = 'logon', ${at.user}, ${at.object})`,
    user_uid: at.userId,
    user_email_addr: firstThere([
      at.email,
      `if(action = '' and position(${at.user}, '@') > 0, ${at.user}, '')`,
    ]),
    is_mfa: `if(action = '', not (${at.reason} in ('bypass_user', 'allow_unenrolled_user', 'trusted_network', 'remembered_device')), null)`,
    auth_protocol: at.factor,
    src_endpoint_ip: firstThere([at.from, `JSONExtractString(${at.description}, 'ip_address')`]),
    src_endpoint_hostname: at.host,
    http_request_user_agent: at.browser,
    api_service_name: firstThere([at.app, "'Duo'"]),
    api_operation: firstThere(["action", at.type]),
    resource_type: `if(${at.appKey} = '', '', 'application')`,
    resource_uid: firstThere([at.appKey, at.object]),
    message: at.description,
  },
  fieldPlaces: jsonFields(),
};
