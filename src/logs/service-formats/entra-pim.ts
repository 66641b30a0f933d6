// Alerts of Microsoft Entra Privileged Identity Management, from Microsoft Graph: an incident's kind is its OData type.
// https://learn.microsoft.com/en-us/graph/api/resources/unifiedrolemanagementalertincident
import type { Format } from "../format.ts";
import { inColumn, jsonFields, jsonReads, textAt } from "../json-reads.ts";
import { kind, kindColumns } from "../kinds.ts";
import { email, firstThere, utcTime } from "../sql-words.ts";

const { steps, at } = jsonReads({
  time: [
    "activationDateTime",
    "assigneeLastSignInDateTime",
    "lastSignInDateTime",
    "lastModifiedDateTime",
    "lastScannedDateTime",
    "roleCreationDateTime",
    "createdDateTime",
    "time",
  ],
  id: "id",
  type: '"@odata.type"',
  user: ["assigneeUserPrincipalName", "userPrincipalName"],
  userName: ["assigneeDisplayName", "displayName"],
  userId: ["assigneeId", "subjectId"],
  role: ["roleDisplayName", "roleTemplateId", "roleDefinitionId"],
  tenant: "tenantId",
});

export const entraPim: Format = {
  name: "entra-pim",
  about: "Microsoft Entra Privileged Identity Management alerts, from Microsoft Graph",
  records: { by: "json", inside: ["value"] },
  json: true,
  claims: `match(${textAt("@odata.type")}, '^#?microsoft[.]graph[.]\\\\w+Alert(Incident|Configuration)$')`,
  rank: 70,
  steps: { ...steps, kind: kind("account-other") },
  time: utcTime("told"),
  product: "azure",
  category: "",
  service: "pim",
  columns: {
    ...kindColumns("kind"),
    metadata_uid: at.id,
    user_name: firstThere([at.user, at.userName]),
    user_uid: at.userId,
    user_email_addr: email(at.user),
    api_service_name: "'Privileged Identity Management'",
    api_operation: `extract(${at.type}, '(\\\\w+)$')`,
    resource_type: "'role'",
    resource_uid: at.role,
    cloud_account_uid: at.tenant,
  },
  fieldPlaces: jsonFields({ riskEventType: [inColumn("api_operation")] }),
};
