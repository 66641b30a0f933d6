// GitHub's audit log of an organisation or enterprise: export, API, stream; GitHub Enterprise Server's too.
// https://docs.github.com/en/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/audit-log-events-for-your-organization
import type { Format } from "../format.ts";
import { has, isText, jsonFields, jsonReads, textAt } from "../json-reads.ts";
import { kindByVerb, kindOf, kindColumns } from "../kinds.ts";
import { email, firstThere, utcTime } from "../sql-words.ts";

const { steps, at } = jsonReads({
  time: ["@timestamp", "created_at", "at_sign_timestamp", "p_event_time"],
  id: ["_document_id", "request_id"],
  action: "action",
  actor: ["actor", "external_identity_username"],
  actorId: "actor_id",
  externalId: "external_identity_nameid",
  from: "actor_ip",
  agent: "user_agent",
  user: "user",
  userId: "user_id",
  email: "email",
  repo: ["repo", "repository"],
  org: ["org", "business"],
  team: "team",
  token: ["token_id", "hashed_token"],
  access: "programmatic_access_type",
  protocol: "transport_protocol_name",
  reason: ["failure_reason", "message"],
  conclusion: "conclusion",
});

const KIND = kindOf(
  at.action,
  {
    logon: ["user.login", "user.failed_login", "org.sso_response", "business.sso_response"],
    logoff: ["user.logout"],
    "account-create": ["user.create", "org.add_member", "org.invite_member"],
    "account-delete": ["user.delete", "org.remove_member"],
    "account-disable": ["user.suspend"],
    "account-enable": ["user.unsuspend"],
    "password-change": ["user.change_password"],
    "password-reset": ["user.reset_password", "user.forgot_password"],
    "mfa-enable": ["user.two_factor_enabled", "two_factor_authentication.enabled"],
    "mfa-disable": ["user.two_factor_disabled", "two_factor_authentication.disabled"],
    "privilege-grant": [
      "user.promote",
      "org.update_member",
      "role.assign",
      "business.add_admin",
      "team.promote_maintainer",
      "repo.add_member",
    ],
    "privilege-revoke": [
      "user.demote",
      "role.revoke",
      "business.remove_admin",
      "team.demote_maintainer",
      "repo.remove_member",
    ],
    "group-add": ["team.add_member"],
    "group-remove": ["team.remove_member"],
    "group-create": ["team.create"],
    "group-delete": ["team.destroy"],
    "resource-read": ["git.clone", "git.fetch"],
    "resource-export": ["repo.download_zip"],
    "resource-update": ["git.push"],
  },
  kindByVerb(`replaceRegexpOne(${at.action}, '^[a-z_]+[.]', '')`, "entity"),
);

export const githubAudit: Format = {
  name: "github-audit",
  about: "GitHub audit log of an organisation or enterprise",
  records: { by: "json" },
  json: true,
  claims: `(match(${textAt("action")}, '^[a-z][a-z0-9_]*([.][a-z0-9_]+)+$') and not ${has("actor", "id")} and not ${has("actor", "type")}
    and (${isText("actor")} or ${has("actor_id")} or ${has("_document_id")} or ${isText("org")})
    and (${has("created_at")} or ${has("@timestamp")} or ${has("_document_id")} or ${isText("org")} or ${isText("repo")}
      or ${isText("business")} or ${isText("user")} or ${has("at_sign_timestamp")}))`,
  rank: 40,
  steps: {
    ...steps,
    failed: `${at.action} in ('user.failed_login', 'two_factor_authentication.recovery_code_failed') or endsWith(${at.action}, '_failed')
      or ${at.conclusion} = 'failure'`,
    kind: KIND,
  },
  time: utcTime("told"),
  product: "github",
  category: "",
  service: "audit",
  columns: {
    ...kindColumns("kind"),
    status_id: "if(failed, 2, 1)",
    status_detail: at.reason,
    metadata_uid: at.id,
    actor_user_name: at.actor,
    actor_user_uid: firstThere([at.actorId, at.externalId]),
    user_name: `if(kind in ('logon', 'logoff'), ${firstThere([at.user, at.actor])}, ${at.user})`,
    user_uid: at.userId,
    user_email_addr: firstThere([at.email, email(at.externalId)]),
    session_uid: at.token,
    auth_protocol: firstThere([at.protocol, at.access]),
    src_endpoint_ip: at.from,
    http_request_user_agent: at.agent,
    api_service_name: `splitByChar('.', ${at.action})[1]`,
    api_operation: at.action,
    resource_type: `multiIf(${at.repo} != '', 'repository', ${at.team} != '', 'team', ${at.org} != '', 'organization', '')`,
    resource_uid: firstThere([at.repo, at.team, at.org]),
    cloud_account_uid: at.org,
  },
  fieldPlaces: jsonFields(),
};
