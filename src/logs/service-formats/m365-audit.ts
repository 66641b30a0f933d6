// Microsoft 365's unified audit log, from the Management Activity API or a search's AuditData.
// https://learn.microsoft.com/en-us/office/office-365-management-api/office-365-management-activity-api-schema
import type { Format } from "../format.ts";
import { has, inColumn, inFields, inJson, isText, jsonFields, jsonReads } from "../json-reads.ts";
import { kindByVerb, kindOf, kindColumns } from "../kinds.ts";
import { firstThere, pairValue, portOf, utcTime } from "../sql-words.ts";

// Table stores fold names to lower case; nothing else of the record changes.
const folded = (name: string): readonly string[] => [name, name.toLowerCase()];

const { steps, at } = jsonReads({
  time: folded("CreationTime"),
  id: folded("Id"),
  operation: folded("Operation"),
  workload: folded("Workload"),
  user: folded("UserId"),
  userKey: folded("UserKey"),
  from: [...folded("ActorIpAddress"), ...folded("ClientIP"), ...folded("ClientIPAddress")],
  agent: [...folded("UserAgent"), ...folded("ClientInfoString")],
  result: folded("ResultStatus"),
  loginError: folded("LogonError"),
  object: folded("ObjectId"),
  target: [...folded("TargetUserOrGroupName"), ...folded("MailboxOwnerUPN")],
  item: folded("ItemType"),
  record: folded("RecordType"),
  organisation: folded("OrganizationId"),
  session: ["SessionId", "AppAccessContext.AADSessionId"],
  alert: "Name",
  propertyNames: "ExtendedProperties[].Name",
  propertyValues: "ExtendedProperties[].Value",
  parameterNames: "Parameters[].Name",
  parameterValues: "Parameters[].Value",
});

const property = (name: string): string => pairValue(at.propertyNames, at.propertyValues, name);
const FAILED_SIGN_IN =
  "operation in ('UserLoginFailed', 'ForeignRealmIndexLogonInitialAuthUsingADFSFederatedToken')";

const KIND = kindOf(
  "operation",
  {
    logon: ["UserLoggedIn", "UserLoginFailed", "MailboxLogin", "TeamsSessionStarted"],
    logoff: ["UserLoggedOut", "SignOut"],
    "account-create": ["Add user.", "Add User.", "New-Mailbox"],
    "account-delete": ["Delete user.", "Hard Delete user."],
    "account-enable": ["Enable account.", "Restore user."],
    "account-disable": ["Disable account."],
    "password-change": ["Change user password."],
    "password-reset": ["Reset user password.", "Set force change user password."],
    "mfa-enable": ["Enable Strong Authentication."],
    "mfa-disable": ["Disable Strong Authentication."],
    "account-other": ["Update user.", "Update StsRefreshTokenValidFrom Timestamp."],
    "privilege-grant": [
      "Add member to role.",
      "Add eligible member to role.",
      "Add-MailboxPermission",
      "Add-RoleGroupMember",
      "Add-RecipientPermission",
      "Add delegated permission grant.",
      "Consent to application.",
    ],
    "privilege-revoke": [
      "Remove member from role.",
      "Remove-MailboxPermission",
      "Remove-RoleGroupMember",
    ],
    "group-add": ["Add member to group.", "MemberAdded", "AddedToGroup"],
    "group-remove": ["Remove member from group.", "MemberRemoved", "RemovedFromGroup"],
    "group-create": ["Add group.", "TeamCreated"],
    "group-delete": ["Delete group.", "TeamDeleted"],
    "resource-read": [
      "FileAccessed",
      "FileAccessedExtended",
      "FilePreviewed",
      "PageViewed",
      "MailItemsAccessed",
    ],
    "resource-export": ["FileDownloaded", "FileSyncDownloadedFull", "FileCopied"],
    "resource-create": ["FileUploaded", "Create"],
    "resource-update": [
      "FileModified",
      "FileModifiedExtended",
      "FileRenamed",
      "FileMoved",
      "Update",
    ],
    "resource-delete": ["FileDeleted", "FileRecycled", "HardDelete", "SoftDelete"],
    "resource-share": [
      "SharingSet",
      "SharingInvitationCreated",
      "AnonymousLinkCreated",
      "SecureLinkCreated",
      "AddedToSecureLink",
      "CompanyLinkCreated",
    ],
  },
  kindByVerb("operation", "api"),
);

export const m365Audit: Format = {
  name: "m365-audit",
  about: "Microsoft 365 unified audit log: Management Activity API, AuditData of a search",
  records: { by: "json" },
  json: true,
  claims: `((${isText("Operation")} and ${has("CreationTime")} and (${has("Workload")} or ${has("RecordType")} or ${has("OrganizationId")}))
    or (${isText("operation")} and ${has("creationtime")} and (${has("workload")} or ${has("recordtype")})))`,
  rank: 50,
  steps: {
    ...steps,
    operation: at.operation,
    outcome: `multiIf(${FAILED_SIGN_IN} or ${at.loginError} != '', 2,
      match(${at.result}, '^(?i)(fail|false|error|denied)'), 2, 1)`,
    kind: KIND,
    alert: `position(operation, 'Alert') = 1`,
  },
  time: utcTime("told"),
  product: "m365",
  category: "",
  // Mailbox commands are what rules of `exchange` look for; alerts are the security centre's. All else is `audit`.
  service: `sql: multiIf(alert and position(${at.alert}, 'Activity from suspicious IP') = 1, 'threat_detection',
    alert or ${at.workload} = 'SecurityComplianceCenter', 'threat_management',
    ${at.workload} = 'Exchange' and match(operation, '^[A-Z]\\\\w+-'), 'exchange', 'audit')`,
  columns: {
    ...kindColumns("kind"),
    status_id: "outcome",
    status_detail: firstThere([
      at.loginError,
      `if(outcome = 2, ${firstThere([property("ResultStatusDetail"), at.result])}, '')`,
    ]),
    metadata_uid: at.id,
    actor_user_name: at.user,
    actor_user_uid: at.userKey,
    user_name: `if(kind in ('logon', 'logoff'), ${at.user}, multiIf(match(kind, '^(account|password|mfa|privilege)-'), ${at.object}, ${at.target}))`,
    user_email_addr: `if(kind in ('logon', 'logoff') and position(${at.user}, '@') > 0, ${at.user}, '')`,
    session_uid: at.session,
    auth_protocol: property("UserAuthenticationMethod"),
    src_endpoint_ip: at.from,
    src_endpoint_port: portOf(at.from),
    http_request_user_agent: firstThere([at.agent, property("UserAgent")]),
    api_service_name: at.workload,
    api_operation: "operation",
    api_response_error: at.loginError,
    resource_type: at.item,
    resource_uid: at.object,
    cloud_account_uid: at.organisation,
    // An alert's name is its event's; the outcome is worded as rules word it.
    fields: `map('event', if(alert, ${at.alert}, operation), 'status', if(outcome = 2, 'failure', 'success'), 'request', ${property("RequestType")})`,
  },
  fieldPlaces: jsonFields({
    Operation: [inColumn("api_operation")],
    Workload: [inColumn("api_service_name")],
    eventSource: [inColumn("api_service_name")],
    eventName: [inFields("event")],
    status: [inFields("status")],
    RequestType: [inFields("request")],
    ObjectId: [inColumn("resource_uid")],
    Parameters: [inJson("Parameters"), inJson("parameters")],
    ResultStatus: [inJson("ResultStatus"), inJson("resultstatus")],
    Payload: [inJson("Payload"), inJson("Parameters"), inJson("parameters"), inJson("Data")],
  }),
};
