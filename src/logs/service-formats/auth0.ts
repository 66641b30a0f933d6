// Auth0's tenant logs: the Management API's and a log stream's, which wraps each in `data`.
// https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes
import type { Format } from "../format.ts";
import { has, inJson, isText, jsonReads, textAt } from "../json-reads.ts";
import { kind, kindByVerb, kindOf, kindColumns } from "../kinds.ts";
import { email, firstThere, utcTime } from "../sql-words.ts";

const both = (path: string): readonly string[] => [path, `data.${path}`];

const { steps, at } = jsonReads({
  time: [...both("date"), "time", "p_event_time"],
  id: [...both("log_id"), ...both("_id")],
  type: both("type"),
  description: both("description"),
  connection: both("connection"),
  strategy: both("strategy"),
  client: both("client_name"),
  clientId: both("client_id"),
  user: both("user_name"),
  userId: both("user_id"),
  from: both("ip"),
  agent: both("user_agent"),
  host: both("hostname"),
  session: both("session_id"),
  tenant: both("tenant_name"),
  error: both("details.error"),
  reason: both("details.reason"),
  adminEmail: both("details.request.auth.user.email"),
  adminId: both("details.request.auth.user.user_id"),
  method: both("details.request.method"),
  path: both("details.request.path"),
});

const codes = (list: string): readonly string[] => list.split(" ");

// sepft and fepft are the password grant: a sign-in, though they are filed with the exchanges of tokens.
const KIND = kindOf(
  "type",
  {
    logon: codes(
      "s f fp fu fc fco fcoa scoa fens sens w ssa fsa sepft fepft gd_auth_succeed gd_auth_failed gd_auth_rejected gd_otp_rate_limit_exceed gd_auth_fail_email_verification gd_webauthn_challenge_failed mfar gd_recovery_succeed gd_recovery_failed limit_wc limit_mu pwd_leak",
    ),
    logoff: ["slo", "flo", "oidc_backchannel_logout_succeeded", "oidc_backchannel_logout_failed"],
    ticket: codes(
      "seacft feacft seccft feccft seoobft feoobft seotpft feotpft sercft fercft sertft fertft ferrt sede fede",
    ),
    "account-create": ["ss", "fs", "signup_pwd_leak", "sui"],
    "account-delete": ["sdu", "fdu"],
    "account-lock": ["limit_sul"],
    "account-unlock": ["ublkdu"],
    "password-change": ["scp", "fcp", "scph", "fcph"],
    "password-reset": ["scpr", "fcpr", "scpn", "fcpn"],
    "account-other": ["sce", "fce", "sv", "fv", "svr", "fvr", "scu", "fcu"],
    "mfa-enable": ["gd_enrollment_complete", "gd_start_enroll"],
    "mfa-disable": ["gd_unenroll"],
  },
  `if(type in ('sapi', 'fapi', 'mgmt_api_read'),
    multiIf(lower(${at.method}) = 'get', ${kind("api-read")}, lower(${at.method}) = 'delete', ${kind("api-delete")},
      lower(${at.method}) in ('patch', 'put'), ${kind("api-update")}, lower(${at.method}) = 'post', ${kind("api-create")}, ${kindByVerb(at.description, "api")}),
    ${kindByVerb(at.description, "api")})`,
);

// Text, or an object with its own message.
const MESSAGE = `if(startsWith(${at.error}, '{'), JSONExtractString(${at.error}, 'message'), ${at.error})`;

export const auth0: Format = {
  name: "auth0",
  about: "Auth0 tenant logs: Management API, log stream",
  records: { by: "json", inside: ["logs"] },
  json: true,
  claims: `((${has("data", "type")} and (${has("log_id")} or ${has("data", "log_id")} or ${isText("data", "client_id")}))
    or (${isText("type")} and (${has("log_id")} or (${isText("_id")} and ${has("date")})) and (${has("client_id")} or ${has("user_id")} or ${has("ip")}))
    or (${has("data", "details", "request")} and ${isText("data", "description")})
    or (${has("data", "date")} and ${has("data", "user_agent")} and ${textAt("data", "type")} != ''))`,
  rank: 50,
  steps: {
    ...steps,
    type: at.type,
    failed: `type in ('w', 'mfar') = false and (match(type, '^(f|fp|fu|fc[a-z]*|fe[a-z]+|fs|fsa|fapi|fdu|flo|fv[a-z]*|limit_[a-z]+|pwd_leak|signup_pwd_leak|[a-z0-9_]+_(failed|rejected)|gd_auth_fail_email_verification|gd_otp_rate_limit_exceed)$'))`,
    kind: KIND,
    error: firstThere([MESSAGE, at.reason]),
  },
  time: utcTime("told"),
  product: "auth0",
  category: "",
  service: "tenant",
  columns: {
    ...kindColumns("kind"),
    status_id: "multiIf(failed, 2, type in ('', 'w', 'mfar', 'gd_start_auth'), 0, 1)",
    status_detail: `if(failed, ${firstThere(["error", at.description])}, '')`,
    metadata_uid: at.id,
    actor_user_name: firstThere([at.adminEmail, at.user, at.client]),
    actor_user_uid: firstThere([at.adminId, at.userId, at.clientId]),
    user_name: at.user,
    user_uid: `if(startsWith(kind, 'api-'), '', ${at.userId})`,
    user_email_addr: email(at.user),
    session_uid: at.session,
    is_mfa: "if(startsWith(type, 'gd_'), true, null)",
    auth_protocol: firstThere([at.strategy, at.connection]),
    src_endpoint_ip: at.from,
    dst_endpoint_hostname: at.host,
    http_request_user_agent: at.agent,
    http_request_method: `upper(${at.method})`,
    http_request_url_path: at.path,
    api_service_name: firstThere([at.client, at.connection]),
    api_operation: "type",
    api_response_error: "if(failed, error, '')",
    resource_type: `if(${at.clientId} = '', '', 'client')`,
    resource_uid: at.clientId,
    cloud_account_uid: at.tenant,
    message: at.description,
  },
  fieldPlaces: (field) => {
    const path = field.replace(/^data\./, "").split(".");
    return [inJson("data", ...path), inJson(...path)];
  },
};
