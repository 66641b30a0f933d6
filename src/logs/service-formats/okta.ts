// Okta's System Log. https://developer.okta.com/docs/api/openapi/okta-management/management/tag/SystemLog
import type { Format } from "../format.ts";
import { has, inJson, isText, jsonReads } from "../json-reads.ts";
import { kindByVerb, kindOf, kindColumns } from "../kinds.ts";
import { email, firstThere, statusId, utcTime } from "../sql-words.ts";

// Table stores fold the names of the record itself to lower case and leave those of the objects in it.
const { steps, at } = jsonReads({
  time: ["published", "p_event_time"],
  id: "uuid",
  type: ["eventType", "eventtype"],
  message: ["displayMessage", "displaymessage"],
  actor: "actor.alternateId",
  actorName: "actor.displayName",
  actorId: "actor.id",
  result: "outcome.result",
  reason: "outcome.reason",
  from: "client.ipAddress",
  chain: "request.ipChain[].ip",
  agent: "client.userAgent.rawUserAgent",
  session: [
    "authenticationContext.rootSessionId",
    "authenticationContext.externalSessionId",
    "authenticationcontext.externalSessionId",
  ],
  provider: [
    "authenticationContext.credentialProvider",
    "authenticationContext.authenticationProvider",
    "authenticationcontext.authenticationProvider",
  ],
  credential: ["authenticationContext.credentialType", "authenticationcontext.credentialType"],
  factor: ["debugContext.debugData.factor", "debugcontext.debugData.factor"],
  targetTypes: "target[].type",
  targetIds: "target[].id",
  targetNames: "target[].alternateId",
  targetShown: "target[].displayName",
});

const USER_INDEX = `arrayFirstIndex(x -> x in ('User', 'AppUser'), ${at.targetTypes})`;
const TARGET_USER = `${at.targetNames}[${USER_INDEX}]`;

const IS_SIGN_IN =
  "kind in ('logon', 'logoff', 'ticket', 'account-switch', 'authentication-other')";

const KIND = kindOf(
  "event",
  {
    logon: [
      "user.session.start",
      "user.session.access_admin_app",
      "user.authentication.auth",
      "user.authentication.sso",
      "user.authentication.auth_via_mfa",
      "user.authentication.auth_via_IDP",
      "user.authentication.auth_via_social",
      "user.authentication.auth_via_AD_agent",
      "user.authentication.auth_via_LDAP_agent",
      "user.authentication.auth_via_radius",
      "user.authentication.auth_via_inbound_SAML",
      "user.authentication.auth_via_inbound_delauth",
      "user.authentication.auth_via_iwa",
      "user.authentication.authenticate",
      "user.authentication.verify",
      "user.authentication.auth_unconfigured_identifier",
      "user.mfa.okta_verify.deny_push",
      "user.mfa.okta_verify",
      "user.mfa.attempt_bypass",
    ],
    logoff: ["user.session.end", "user.session.clear", "user.authentication.slo"],
    "account-switch": ["user.session.impersonation.initiate", "user.session.impersonation.end"],
    ticket: [
      "app.oauth2.token.grant",
      "app.oauth2.as.token.grant",
      "app.oauth2.token.grant.access_token",
      "app.oauth2.as.token.grant.access_token",
      "app.oauth2.token.grant.id_token",
      "app.oauth2.as.token.grant.id_token",
    ],
    "authentication-other": [
      "policy.evaluate_sign_on",
      "user.authentication.universal_logout",
      "user.account.report_suspicious_activity_by_enduser",
      "security.threat.detected",
    ],
    "account-create": ["user.lifecycle.create"],
    "account-enable": [
      "user.lifecycle.activate",
      "user.lifecycle.reactivate",
      "user.lifecycle.unsuspend",
    ],
    "account-disable": ["user.lifecycle.deactivate", "user.lifecycle.suspend"],
    "account-delete": ["user.lifecycle.delete.initiated", "user.lifecycle.delete.completed"],
    "account-lock": ["user.account.lock", "user.account.lock.limit"],
    "account-unlock": [
      "user.account.unlock",
      "user.account.unlock_by_admin",
      "user.account.unlock_token",
    ],
    "password-change": ["user.account.update_password", "user.account.expire_password"],
    "password-reset": [
      "user.account.reset_password",
      "system.email.password_reset.sent_message",
      "user.account.access_super_user_app",
    ],
    "mfa-enable": ["user.mfa.factor.activate", "user.mfa.factor.unsuspend"],
    "mfa-disable": [
      "user.mfa.factor.deactivate",
      "user.mfa.factor.reset_all",
      "user.mfa.factor.suspend",
    ],
    "account-other": ["user.account.update_profile", "user.account.update_primary_email"],
    "privilege-grant": [
      "user.account.privilege.grant",
      "group.privilege.grant",
      "user.session.impersonation.grant",
      "iam.resourceset.bindings.add",
      "application.user_membership.add",
    ],
    "privilege-revoke": [
      "user.account.privilege.revoke",
      "group.privilege.revoke",
      "user.session.impersonation.revoke",
      "iam.resourceset.bindings.delete",
      "application.user_membership.remove",
    ],
    "group-add": ["group.user_membership.add"],
    "group-remove": ["group.user_membership.remove"],
    "group-create": ["group.lifecycle.create"],
    "group-delete": ["group.lifecycle.delete"],
  },
  kindByVerb("event", "entity"),
);

export const okta: Format = {
  name: "okta",
  about: "Okta System Log",
  records: { by: "json" },
  json: true,
  claims: `((${isText("eventType")} or ${isText("eventtype")}) and ${has("published")} and ${has("actor")}
    or (match(JSONExtractString(raw, 'eventType'), '^[a-z_0-9]+([.][A-Za-z_0-9]+)+$') and ${has("actor", "alternateId")})
    or (match(JSONExtractString(raw, 'eventtype'), '^[a-z_0-9]+([.][A-Za-z_0-9]+)+$') and ${has("actor")}))`,
  rank: 50,
  steps: {
    ...steps,
    event: at.type,
    kind: KIND,
    whom: `if(${IS_SIGN_IN}, ${firstThere([`if(${at.actorId} = 'unknown', ${TARGET_USER}, '')`, at.actor, at.actorName])}, ${TARGET_USER})`,
    second: `event in ('user.authentication.auth_via_mfa', 'user.mfa.okta_verify.deny_push', 'user.mfa.okta_verify', 'user.mfa.attempt_bypass')`,
  },
  time: utcTime("told"),
  product: "okta",
  category: "",
  service: "okta",
  columns: {
    ...kindColumns("kind"),
    status_id: statusId({
      failure: `${at.result} in ('FAILURE', 'DENY') or event in ('user.mfa.okta_verify.deny_push', 'user.account.lock')`,
      success: `${at.result} in ('SUCCESS', 'ALLOW')`,
    }),
    status_detail: at.reason,
    metadata_uid: at.id,
    actor_user_name: firstThere([at.actor, at.actorName]),
    actor_user_uid: at.actorId,
    user_name: "whom",
    user_uid: `if(${IS_SIGN_IN}, ${at.actorId}, ${at.targetIds}[${USER_INDEX}])`,
    user_email_addr: email("whom"),
    session_uid: at.session,
    is_mfa: `if(second, true, if(${at.factor} in ('', 'PASSWORD_AS_FACTOR'), null, true))`,
    auth_protocol: firstThere([at.factor, at.credential, at.provider]),
    src_endpoint_ip: firstThere([at.from, `${at.chain}[1]`]),
    http_request_user_agent: at.agent,
    api_service_name: "splitByChar('.', event)[1]",
    api_operation: "event",
    resource_type: `${at.targetTypes}[1]`,
    resource_uid: firstThere([
      `${at.targetNames}[1]`,
      `${at.targetShown}[1]`,
      `${at.targetIds}[1]`,
    ]),
    message: at.message,
  },
  fieldPlaces: (field) => [
    inJson(...field.split(".")),
    ...(FOLDED.test(field) ? [foldedPlace(field)] : []),
  ],
};

const FOLDED =
  /^(eventType|displayMessage|legacyEventType|debugContext|securityContext|authenticationContext)(\.|$)/;

function foldedPlace(field: string): ReturnType<typeof inJson> {
  const [first = "", ...others] = field.split(".");
  return inJson(first.toLowerCase(), ...others);
}
