// OneLogin's events: API and webhook. https://developers.onelogin.com/api-docs/1/events/event-types
import type { Format } from "../format.ts";
import { has, jsonFields, jsonReads } from "../json-reads.ts";
import { kind, kindOf, kindColumns } from "../kinds.ts";
import { email, firstThere, utcTime } from "../sql-words.ts";

const { steps, at } = jsonReads({
  time: ["event_timestamp", "created_at", "p_event_time"],
  id: ["id", "uuid"],
  type: "event_type_id",
  actor: "actor_user_name",
  actorId: "actor_user_id",
  actorSystem: "actor_system",
  user: ["login_name", "user_name"],
  userId: "user_id",
  from: ["ipaddr", "actor_ip"],
  app: "app_name",
  role: "role_name",
  factor: ["otp_device_name", "auth_factor"],
  agent: "user_agent",
  notes: ["error_description", "custom_message", "notes", "reason"],
  account: "account_id",
});

const KIND = kindOf(
  "event",
  {
    logon: ["5", "6", "8"],
    logoff: ["7"],
    "account-switch": ["3"],
    "privilege-grant": ["4", "72"],
    "privilege-revoke": ["73"],
    "password-change": ["11"],
    "account-create": ["13"],
    "account-other": ["14", "15", "16"],
    "account-delete": ["17"],
    "account-disable": ["551"],
    "account-lock": ["531", "532", "553"],
    "mfa-enable": ["22"],
    "mfa-disable": ["24", "172"],
  },
  kind("entity-other"),
);

export const onelogin: Format = {
  name: "onelogin",
  about: "OneLogin events: API, webhook",
  records: { by: "json", inside: ["data"] },
  json: true,
  claims: has("event_type_id"),
  rank: 50,
  steps: {
    ...steps,
    event: at.type,
    kind: KIND,
    failed: "event in ('6', '90')",
  },
  time: utcTime("told"),
  product: "onelogin",
  category: "",
  service: "onelogin.events",
  columns: {
    ...kindColumns("kind"),
    status_id: "if(failed, 2, 1)",
    status_detail: at.notes,
    metadata_uid: at.id,
    actor_user_name: firstThere([at.actor, at.actorSystem]),
    actor_user_uid: at.actorId,
    user_name: at.user,
    user_uid: at.userId,
    user_email_addr: email(at.user),
    auth_protocol: at.factor,
    src_endpoint_ip: at.from,
    http_request_user_agent: at.agent,
    api_service_name: firstThere([at.app, "'OneLogin'"]),
    api_operation: "event",
    resource_type: `multiIf(${at.app} != '', 'app', ${at.role} != '', 'role', '')`,
    resource_uid: firstThere([at.app, at.role]),
    cloud_account_uid: at.account,
  },
  fieldPlaces: jsonFields(),
};
