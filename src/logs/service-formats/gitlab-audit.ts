// GitLab's audit events: audit_json.log, the API, and the stream. https://docs.gitlab.com/administration/compliance/audit_event_streaming
import type { Format } from "../format.ts";
import { has, isText, jsonFields, jsonReads } from "../json-reads.ts";
import { kind, kindByVerb, kindColumns } from "../kinds.ts";
import { email, firstThere, utcTime } from "../sql-words.ts";

const { steps, at } = jsonReads({
  time: ["created_at", "time"],
  id: ["id", "correlation_id"],
  event: ["event_type", "details.event_name", "event_name"],
  message: ["details.custom_message", "custom_message", "detail.custom_message"],
  add: ["details.add", "add"],
  remove: ["details.remove", "remove"],
  change: ["details.change", "change"],
  to: ["details.to", "to"],
  signInBy: ["details.with", "with"],
  failedLogin: ["details.failed_login", "failed_login"],
  actor: ["author_name", "details.author_name"],
  email: ["details.author_email", "author_email"],
  actorId: "author_id",
  from: ["ip_address", "details.ip_address"],
  target: ["details.target_details", "target_details", "detail.target_details"],
  targetType: ["details.target_type", "target_type", "entity_type"],
  targetId: ["details.target_id", "target_id"],
  entity: ["entity_path", "details.entity_path", "entity_id"],
  entityType: "entity_type",
  error: "details.errors",
});

const WHAT = firstThere([
  at.event,
  at.message,
  `if(${at.signInBy} != '', 'user_authenticated', '')`,
  `if(${at.failedLogin} != '', 'login_failed', '')`,
  `if(${at.change} != '', concat('change ', ${at.change}), '')`,
  `if(${at.add} != '', concat('add ', ${at.add}), '')`,
  `if(${at.remove} != '', concat('remove ', ${at.remove}), '')`,
]);

const KIND = `multiIf(
  ${at.signInBy} != '' or ${at.failedLogin} != '' or match(what, '(?i)^(signed in|login_failed|authenticate_|user_authenticated|failed to (login|sign))|_login_failed'), ${kind("logon")},
  match(what, '(?i)ask for password reset|requested_password_reset|password_reset'), ${kind("password-reset")},
  match(what, '(?i)^(change(d)? password|user_password_updated)|change password'), ${kind("password-change")},
  match(what, '(?i)(disabled? two.factor|two_factor_disabled|disabled? 2fa)'), ${kind("mfa-disable")},
  match(what, '(?i)(enabled? two.factor|two_factor_enabled|registered.*(webauthn|u2f|otp))'), ${kind("mfa-enable")},
  match(what, '(?i)user (access )?locked|user_access_locked'), ${kind("account-lock")},
  match(what, '(?i)user (access )?unlocked|user_access_unlocked'), ${kind("account-unlock")},
  match(what, '(?i)^(blocked user|user_blocked|ban_user|deactivate)'), ${kind("account-disable")},
  match(what, '(?i)^(unblocked user|user_unblocked|unban_user|user_activated)'), ${kind("account-enable")},
  match(what, '(?i)^(add user$|user_created|instance_user_created|add_user$)'), ${kind("account-create")},
  match(what, '(?i)^(remove user$|user_destroyed|remove_user$)'), ${kind("account-delete")},
  match(what, '(?i)^(add user_access|member_created|group_access_granted)'), ${kind("group-add")},
  match(what, '(?i)^(remove user_access|member_destroyed)'), ${kind("group-remove")},
  match(what, '(?i)(download(ed)?|export|repository_git_operation|git_operation)'), ${kind("resource-export")},
  ${kindByVerb("what", "entity")})`;

export const gitlabAudit: Format = {
  name: "gitlab-audit",
  about: "GitLab audit events: audit_json.log, API, stream",
  records: { by: "json" },
  json: true,
  claims: `((${has("author_id")} and ${isText("entity_type")} and (${has("details")} or ${has("target_type")} or ${has("target_details")}))
    or (${isText("detail", "custom_message")} and not ${has("detail", "eventName")}))`,
  rank: 50,
  steps: {
    ...steps,
    what: WHAT,
    failed: `${at.failedLogin} != '' or match(what, '(?i)fail')`,
    kind: KIND,
  },
  time: utcTime("told"),
  product: "gitlab",
  category: "",
  service: "audit",
  columns: {
    ...kindColumns("kind"),
    status_id: "if(failed, 2, 1)",
    status_detail: at.failedLogin,
    metadata_uid: at.id,
    actor_user_name: firstThere([at.actor, at.email]),
    actor_user_uid: at.actorId,
    user_name: `if(kind = 'logon' or match(kind, '^(account|password|mfa)-') or ${at.targetType} = 'User', ${firstThere([at.target, at.actor])}, '')`,
    user_uid: `if(${at.targetType} = 'User', ${at.targetId}, '')`,
    user_email_addr: email(at.target),
    auth_protocol: firstThere([at.signInBy, at.failedLogin]),
    src_endpoint_ip: at.from,
    api_service_name: at.entityType,
    api_operation: "what",
    resource_type: at.targetType,
    resource_uid: firstThere([at.entity, at.target]),
    message: at.message,
  },
  fieldPlaces: jsonFields(),
};
