// Microsoft Entra ID's directory audits: exported by diagnostic settings, from Microsoft Graph, as the table AuditLogs.
// https://learn.microsoft.com/en-us/graph/api/resources/directoryaudit
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
import { kindByVerb, kindOf, kindColumns } from "../kinds.ts";
import { email, firstThere, statusId, utcTime } from "../sql-words.ts";

const { steps, at } = jsonReads({
  time: ["time", "activityDateTime", "properties.activityDateTime", "TimeGenerated"],
  id: ["properties.id", "id", "Id", "correlationId", "CorrelationId"],
  operation: [
    "properties.activityDisplayName",
    "activityDisplayName",
    "operationName",
    "ActivityDisplayName",
    "OperationName",
  ],
  service: ["properties.loggedByService", "loggedByService", "LoggedByService"],
  result: ["properties.result", "result", "Result", "resultType", "ResultType"],
  reason: ["properties.resultReason", "resultReason", "ResultReason", "resultDescription"],
  user: [
    "properties.initiatedBy.user.userPrincipalName",
    "initiatedBy.user.userPrincipalName",
    "InitiatedBy.user.userPrincipalName",
  ],
  userName: ["properties.initiatedBy.user.displayName", "initiatedBy.user.displayName"],
  userId: [
    "properties.initiatedBy.user.id",
    "initiatedBy.user.id",
    "InitiatedBy.user.id",
    "properties.initiatedBy.app.servicePrincipalId",
    "initiatedBy.app.servicePrincipalId",
    "InitiatedBy.app.servicePrincipalId",
  ],
  app: [
    "properties.initiatedBy.app.displayName",
    "initiatedBy.app.displayName",
    "InitiatedBy.app.displayName",
    "identity",
    "Identity",
  ],
  from: [
    "properties.initiatedBy.user.ipAddress",
    "initiatedBy.user.ipAddress",
    "InitiatedBy.user.ipAddress",
    "callerIpAddress",
  ],
  agent: ["properties.userAgent", "userAgent"],
  targetIds: "properties.targetResources[].id",
  targetNames: "properties.targetResources[].displayName",
  targetUsers: "properties.targetResources[].userPrincipalName",
  targetTypes: "properties.targetResources[].type",
  graphTargetIds: "targetResources[].id",
  graphTargetNames: "targetResources[].displayName",
  graphTargetUsers: "targetResources[].userPrincipalName",
  graphTargetTypes: "targetResources[].type",
  tableTargetIds: "TargetResources[].id",
  tableTargetNames: "TargetResources[].displayName",
  tableTargetUsers: "TargetResources[].userPrincipalName",
  tableTargetTypes: "TargetResources[].type",
  modifiedNames: "properties.targetResources[].modifiedProperties[].displayName",
  modifiedValues: "properties.targetResources[].modifiedProperties[].newValue",
  graphModifiedNames: "targetResources[].modifiedProperties[].displayName",
  graphModifiedValues: "targetResources[].modifiedProperties[].newValue",
  tableModifiedNames: "TargetResources[].modifiedProperties[].displayName",
  tableModifiedValues: "TargetResources[].modifiedProperties[].newValue",
  tenant: ["tenantId", "properties.tenantId", "AADTenantId", "TenantId"],
});

const firstOf = (...arrays: readonly string[]): string =>
  `arrayFirst(x -> x != '', arrayConcat(${arrays.join(", ")}))`;
const TARGET_USER = firstOf(at.targetUsers, at.graphTargetUsers, at.tableTargetUsers);
const TARGET_ID = firstOf(at.targetIds, at.graphTargetIds, at.tableTargetIds);
const TARGET_NAME = firstOf(at.targetNames, at.graphTargetNames, at.tableTargetNames);
const TARGET_TYPE = firstOf(at.targetTypes, at.graphTargetTypes, at.tableTargetTypes);

const MODIFIED_NAMES = `arrayFlatten(arrayConcat(${at.modifiedNames}, ${at.graphModifiedNames}, ${at.tableModifiedNames}))`;
const MODIFIED_VALUES = `arrayFlatten(arrayConcat(${at.modifiedValues}, ${at.graphModifiedValues}, ${at.tableModifiedValues}))`;

const KIND = kindOf(
  "lower(operation)",
  {
    "account-create": ["add user", "invite external user", "create user"],
    "account-delete": ["delete user", "hard delete user"],
    "account-enable": ["enable account", "restore user"],
    "account-disable": ["disable account"],
    "account-unlock": ["unlock user account (self-service)"],
    "password-change": ["change user password", "change password (self-service)"],
    "password-reset": [
      "reset user password",
      "reset password (self-service)",
      "reset password (by admin)",
      "admin resets user password",
      "self-service password reset flow activity progress",
    ],
    "mfa-enable": [
      "enable strong authentication",
      "user registered security info",
      "user registered all required security info",
      "admin registered security info",
      "user registered strong authentication method",
    ],
    "mfa-disable": [
      "disable strong authentication",
      "user deleted security info",
      "admin deleted security info",
    ],
    "privilege-grant": [
      "add member to role",
      "add eligible member to role",
      "add eligible member to role in pim completed (permanent)",
      "add eligible member to role in pim completed (timebound)",
      "add member to role completed (pim activation)",
      "add member to role in pim completed (permanent)",
      "add member to role in pim completed (timebound)",
      "add member to role outside of pim (permanent)",
      "add app role assignment to service principal",
      "add app role assignment grant to user",
      "add delegated permission grant",
      "consent to application",
    ],
    "privilege-revoke": [
      "remove member from role",
      "remove eligible member from role",
      "remove member from role (pim deactivate)",
      "remove app role assignment from service principal",
      "remove delegated permission grant",
    ],
    "group-create": ["add group"],
    "group-delete": ["delete group", "hard delete group"],
    "group-add": ["add member to group"],
    "group-remove": ["remove member from group"],
    "account-other": ["update user", "update stsrefreshtokenvalidfrom timestamp"],
  },
  kindByVerb("lower(operation)", "entity"),
);

export const entraAudit: Format = {
  name: "entra-audit",
  about: "Microsoft Entra ID directory audits: exported, from Microsoft Graph, from Log Analytics",
  records: { by: "json", inside: ["records", "value"] },
  json: true,
  claims: `(
    (${isText("operationName")} and ${has("time")} and (${textAt("category")} = 'AuditLogs'
      or ${isText("properties", "activityDisplayName")} or ${has("properties", "initiatedBy")}))
    or (${isText("activityDisplayName")} and ${has("activityDateTime")} and not ${has("riskEventType")})
    or (${isText("OperationName")} and ${has("LoggedByService")})
    or (${isText("ActivityDisplayName")} and (${has("TargetResources")} or ${has("InitiatedBy")})))`,
  rank: 60,
  steps: {
    ...steps,
    operation: `trimBoth(${at.operation})`,
    outcome: statusId({
      failure: `match(lower(${at.result}), '^(fail|error|timeout)')`,
      success: `match(lower(${at.result}), '^(succe|0$)')`,
    }),
    kind: KIND,
  },
  time: utcTime("told"),
  product: "azure",
  category: "",
  service: "auditlogs",
  columns: {
    ...kindColumns("kind"),
    status_id: "outcome",
    status_detail: at.reason,
    metadata_uid: at.id,
    actor_user_name: firstThere([at.user, at.userName, at.app]),
    actor_user_uid: at.userId,
    user_name: TARGET_USER,
    user_uid: `if(${TARGET_USER} = '', '', ${TARGET_ID})`,
    user_email_addr: email(TARGET_USER),
    src_endpoint_ip: at.from,
    http_request_user_agent: at.agent,
    api_service_name: firstThere([at.service, "'Microsoft Entra ID'"]),
    api_operation: "operation",
    api_response_error: `if(outcome = 2, ${at.reason}, '')`,
    resource_type: TARGET_TYPE,
    resource_uid: firstThere([TARGET_ID, TARGET_NAME]),
    cloud_account_uid: at.tenant,
    // Property → what it was set to; the values are JSON texts in a text.
    fields: `mapFromArrays(${MODIFIED_NAMES}, arrayMap(x -> trim(both '"' from x), ${MODIFIED_VALUES}))`,
  },
  fieldPlaces: (field) => placesOf(field),
};

const targets = (...below: readonly string[]): ReturnType<typeof inJson>[] =>
  ["TargetResources", "targetResources"].flatMap((name) =>
    name === "TargetResources"
      ? [inJson(name, ...below)]
      : [inJson("properties", name, ...below), inJson(name, ...below)],
  );
const any = (...names: readonly string[]): ReturnType<typeof inJson>[] =>
  names.flatMap((name) => [inJson("properties", name), inJson(name)]);
const modified = (name: string): ReturnType<typeof inJson>[] => [
  ...targets("modifiedProperties", name),
];

// SigmaHQ names one field as the portal's columns, as the table's and as the export's do.
const placesOf = jsonFields({
  operationName: [inColumn("api_operation")],
  OperationName: [inColumn("api_operation")],
  ActivityDisplayName: [inColumn("api_operation")],
  ActivityType: [inColumn("api_operation")],
  activityType: [inColumn("api_operation")],
  "properties.message": [inJson("properties", "message"), inColumn("api_operation")],
  Category: any("category", "Category"),
  category: any("category", "Category"),
  LoggedByService: [inColumn("api_service_name")],
  Status: [inJson("properties", "result"), inJson("result"), inJson("Result")],
  "properties.result": [inJson("properties", "result"), inJson("result"), inJson("Result")],
  Initiatedby: [inColumn("actor_user_name")],
  Target: [inColumn("user_name")],
  failure_status_reason: [inColumn("status_detail")],
  TargetResources: targets(),
  targetResources: targets(),
  "properties.targetResources": targets(),
  "targetResources.type": targets("type"),
  "TargetResources.modifiedProperties": targets("modifiedProperties"),
  "TargetResources.modifiedProperties.newValue": modified("newValue"),
  "TargetResources.ModifiedProperties.NewValue": modified("newValue"),
  "TargetResources.ModifiedProperties.DisplayName": modified("displayName"),
  "additionalDetails.additionalInfo": [
    inJson("properties", "additionalDetails", "value"),
    inJson("additionalDetails", "value"),
    inJson("AdditionalDetails", "value"),
  ],
  "ConsentContext.IsAdminConsent": [inFields("ConsentContext.IsAdminConsent")],
});
