// Azure's activity log and the resource logs in the same envelope, in the three forms in which people have them: exported by
// diagnostic settings, answered by the REST API (`az monitor activity-log list`), and as Log Analytics' table AzureActivity.
// https://learn.microsoft.com/en-us/azure/azure-monitor/platform/activity-log-schema
import type { Format } from "../format.ts";
import { kindColumns } from "../kinds.ts";
import { has, inColumn, inJson, isText, jsonFields, jsonReads, textAt } from "../json-reads.ts";
import { firstThere, statusId, utcTime } from "../sql-words.ts";

const UPN = '"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"';
const NAME = '"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"';
const OBJECT_ID = '"http://schemas.microsoft.com/identity/claims/objectidentifier"';

const { steps, at } = jsonReads({
  time: ["time", "eventTimestamp", "TimeGenerated"],
  id: ["eventDataId", "EventDataId", "correlationId", "CorrelationId"],
  operation: "operationName",
  operationValue: "OperationNameValue",
  operationTable: "OperationName",
  category: ["category", "CategoryValue", "Category"],
  result: ["resultType", "ActivityStatusValue", "ActivityStatus"],
  status: "status",
  resourceResult: ["statusText", "properties.metricResponseType", "statusCode"],
  detail: ["resultDescription", "ActivitySubstatusValue"],
  signature: "resultSignature",
  resource: ["resourceId", "ResourceId", "_ResourceId"],
  from: ["callerIpAddress", "CallerIpAddress", "httpRequest.clientIpAddress"],
  caller: ["caller", "Caller"],
  upn: [
    `identity.claims.${UPN}`,
    `identity.claims.${NAME}`,
    `claims.${UPN}`,
    `claims.${NAME}`,
    "identity.upn",
  ],
  objectId: [
    `identity.claims.${OBJECT_ID}`,
    `claims.${OBJECT_ID}`,
    "identity.authorization.evidence.principalId",
    "identity.claims.appid",
    "claims.appid",
  ],
  methods: ['identity.claims."http://schemas.microsoft.com/claims/authnmethodsreferences"'],
  tenant: ["tenantId", "TenantId"],
  subscription: ["subscriptionId", "SubscriptionId"],
  region: ["location", "resourceRegion"],
  inner: "properties.log",
  agent: ["userAgent", "properties.userAgent", "properties.clientInfo"],
});

// `{"value": …, "localizedValue": …}` in the REST API's form, text in the others.
const plain = (text: string): string =>
  `if(startsWith(${text}, '{'), JSONExtractString(${text}, 'value'), ${text})`;

// The API server's own audit event, as text, is what AKS exports in the categories kube-audit and kube-audit-admin.
const KUBERNETES = `JSONExtract(${at.inner}, 'Tuple(verb String, user Tuple(username String), sourceIPs Array(String),
  userAgent String, objectRef Tuple(resource String, namespace String, name String), responseStatus Tuple(code UInt16))')`;

const VERB = "upper(arrayElement(splitByChar('/', operation), -1))";
const KIND = `multiIf(
  inner.verb != '', transform(inner.verb, ['create', 'delete', 'deletecollection', 'update', 'patch', 'get', 'list', 'watch'],
    ['api-create', 'api-delete', 'api-delete', 'api-update', 'api-update', 'api-read', 'api-read', 'api-read'], 'api-other'),
  match(operation, '(?i)^microsoft[.]authorization/roleassignments/write$'), 'privilege-grant',
  match(operation, '(?i)^microsoft[.]authorization/roleassignments/delete$'), 'privilege-revoke',
  ${VERB} = 'DELETE', 'api-delete', ${VERB} = 'WRITE', 'api-update', ${VERB} = 'READ', 'api-read',
  'api-other')`;

export const azureActivity: Format = {
  name: "azure-activity",
  about: "Azure activity log and resource logs: exported, from the REST API, from Log Analytics",
  records: { by: "json", inside: ["records", "value"] },
  json: true,
  claims: `(
    (${has("operationName")} and ${has("resourceId")} and ${has("time")}
      and not match(${textAt("category")}, '^(AuditLogs|.*SignInLogs|DirectoryManagement|.*RiskEvents|Risky.*|MicrosoftGraphActivityLogs)$')
      and not match(${textAt("resourceId")}, '(?i)^/tenants/[^/]+/providers/microsoft[.]aadiam'))
    or (match(${textAt("operationName")}, '(?i)^microsoft[.][a-z]+/') and ${isText("category")})
    or (${has("operationName", "value")} and ${has("eventTimestamp")} and ${has("resourceId")})
    or (${isText("OperationNameValue")} and (${has("CategoryValue")} or ${has("ResourceProviderValue")})))`,
  rank: 50,
  steps: {
    ...steps,
    operation: firstThere([plain(at.operation), at.operationValue, at.operationTable]),
    inner: KUBERNETES,
    result: `lower(${firstThere([at.result, plain(at.status), at.resourceResult])})`,
    outcome: statusId({
      failure:
        "inner.responseStatus.code >= 400 or match(result, '^(fail|error|denied|client ?error|server ?error|unauthorized|forbidden|cancel|[45][0-9]{2}$)')",
      success:
        "inner.responseStatus.code > 0 or match(result, '^(succe|accept|start|ok|complet|[23][0-9]{2}$|0$)')",
    }),
    detail: firstThere([at.detail, at.signature]),
    kind: KIND,
  },
  time: utcTime("told"),
  product: "azure",
  category: "",
  service: "activitylogs",
  columns: {
    ...kindColumns("kind"),
    status_id: "outcome",
    status_detail: "detail",
    metadata_uid: at.id,
    actor_user_name: firstThere(["inner.user.username", at.caller, at.upn, at.objectId]),
    actor_user_uid: at.objectId,
    is_mfa: `if(${at.methods} = '', null, position(${at.methods}, 'mfa') > 0)`,
    src_endpoint_ip: firstThere(["inner.sourceIPs[1]", at.from]),
    http_request_user_agent: firstThere(["inner.userAgent", at.agent]),
    http_response_code: "inner.responseStatus.code",
    api_service_name: "splitByChar('/', operation)[1]",
    api_operation: `if(inner.verb = '', operation, concat(inner.verb, ' ', inner.objectRef.resource))`,
    api_response_error: "if(outcome = 2, detail, '')",
    resource_type: `extract(${at.resource}, '(?i)/providers/([^/]+/[^/]+)(?:/[^/]+)?$')`,
    resource_uid: `if(inner.verb = '', ${at.resource}, concat(inner.objectRef.namespace, '/', inner.objectRef.name))`,
    cloud_account_uid: firstThere([
      at.subscription,
      `extract(${at.resource}, '(?i)^/subscriptions/([^/]+)')`,
      at.tenant,
    ]),
    cloud_region: at.region,
  },
  fieldPlaces: jsonFields({
    operationName: [inColumn("api_operation")],
    OperationName: [inColumn("api_operation")],
    OperationNameValue: [inColumn("api_operation")],
    CategoryValue: [
      inJson("CategoryValue"),
      inJson("category", "value"),
      inJson("category"),
      inJson("Category"),
    ],
    ResourceProviderValue: [
      inJson("ResourceProviderValue"),
      inJson("resourceProviderName", "value"),
      inColumn("api_service_name"),
    ],
    ResourceId: [inColumn("resource_uid")],
    resourceId: [inColumn("resource_uid")],
    "properties.message": [inJson("properties", "message"), inColumn("api_operation")],
  }),
};
