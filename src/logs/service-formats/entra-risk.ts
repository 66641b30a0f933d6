// Microsoft Entra ID Protection's risk detections: exported by diagnostic settings (UserRiskEvents), from Microsoft Graph.
// https://learn.microsoft.com/en-us/graph/api/resources/riskdetection
import type { Format } from "../format.ts";
import { has, inJson, isText, jsonFields, jsonReads } from "../json-reads.ts";
import { kind, kindColumns } from "../kinds.ts";
import { email, firstThere, utcTime } from "../sql-words.ts";

const { steps, at } = jsonReads({
  time: [
    "properties.activityDateTime",
    "activityDateTime",
    "properties.detectedDateTime",
    "detectedDateTime",
    "time",
    "TimeGenerated",
  ],
  id: ["properties.id", "id", "Id"],
  type: ["properties.riskEventType", "riskEventType", "RiskEventType", "properties.riskType"],
  user: ["properties.userPrincipalName", "userPrincipalName", "UserPrincipalName"],
  userId: ["properties.userId", "userId", "UserId"],
  from: ["properties.ipAddress", "ipAddress", "IpAddress", "callerIpAddress"],
  level: ["properties.riskLevel", "riskLevel", "RiskLevel"],
  state: ["properties.riskState", "riskState", "RiskState"],
  detail: ["properties.riskDetail", "riskDetail", "RiskDetail"],
  source: ["properties.source", "source", "Source"],
  tenant: ["tenantId", "TenantId"],
});

export const entraRisk: Format = {
  name: "entra-risk",
  about:
    "Microsoft Entra ID Protection risk detections: exported, from Microsoft Graph, from Log Analytics",
  records: { by: "json", inside: ["records", "value"] },
  json: true,
  claims: `(
    ${isText("properties", "riskEventType")}
    or ((${isText("riskEventType")} or ${isText("RiskEventType")}) and (${has("riskState")} or ${has("RiskState")}
      or ${has("detectedDateTime")} or ${has("riskLevel")})))`,
  rank: 70,
  steps: { ...steps, kind: kind("authentication-other") },
  time: utcTime("told"),
  product: "azure",
  category: "",
  service: "riskdetection",
  columns: {
    ...kindColumns("kind"),
    status_detail: firstThere([at.detail, at.state]),
    metadata_uid: at.id,
    user_name: at.user,
    user_uid: at.userId,
    user_email_addr: email(at.user),
    src_endpoint_ip: at.from,
    api_service_name: firstThere([at.source, "'Identity Protection'"]),
    api_operation: at.type,
    cloud_account_uid: at.tenant,
    message: `concat(${at.type}, ' ', ${at.level})`,
  },
  fieldPlaces: jsonFields({
    riskEventType: [
      inJson("properties", "riskEventType"),
      inJson("riskEventType"),
      inJson("RiskEventType"),
      inJson("properties", "riskType"),
    ],
  }),
};
