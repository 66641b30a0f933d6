// Kubernetes' audit log (audit.k8s.io/v1), of any distribution. https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
import type { Format } from "../format.ts";
import { has, inJson, isText, jsonFields, jsonReads, textAt } from "../json-reads.ts";
import { kind, kindOf, kindColumns } from "../kinds.ts";
import { firstThere, pathOf, queryOf, utcTime } from "../sql-words.ts";

const { steps, at } = jsonReads({
  time: [
    "requestReceivedTimestamp",
    "stageTimestamp",
    "timestamp",
    "metadata.creationTimestamp",
    "p_event_time",
  ],
  id: "auditID",
  verb: "verb",
  uri: "requestURI",
  user: "user.username",
  userId: "user.uid",
  as: "impersonatedUser.username",
  sources: "sourceIPs[]",
  agent: "userAgent",
  resource: "objectRef.resource",
  subresource: "objectRef.subresource",
  group: "objectRef.apiGroup",
  namespace: "objectRef.namespace",
  name: "objectRef.name",
  code: "responseStatus.code",
  status: "responseStatus.status",
  reason: ["responseStatus.message", "responseStatus.reason"],
  decision: 'annotations."authorization.k8s.io/decision"',
});

const KIND = kindOf(
  at.verb,
  {
    "api-create": ["create", "post"],
    "api-read": ["get", "list", "watch", "head"],
    "api-update": ["update", "patch", "put"],
    "api-delete": ["delete", "deletecollection"],
  },
  kind("api-other"),
);

const POD = ["requestObject", "spec"] as const;
const TEMPLATE = ["requestObject", "spec", "template", "spec"] as const;

export const kubernetesAudit: Format = {
  name: "kubernetes-audit",
  about: "Kubernetes audit log (audit.k8s.io), of any distribution",
  records: { by: "json", inside: ["items"] },
  json: true,
  claims: `(startsWith(${textAt("apiVersion")}, 'audit.k8s.io/')
    or (${has("auditID")} and (${isText("verb")} or ${isText("requestURI")}))
    or (${isText("verb")} and (${has("objectRef")} or (${textAt("kind")} = 'Event' and (${has("responseStatus")} or ${has("sourceIPs")})))))`,
  rank: 50,
  steps: {
    ...steps,
    kind: KIND,
    failed: `toUInt16OrZero(${at.code}) >= 400 or ${at.status} = 'Failure' or ${at.decision} = 'forbid'`,
  },
  time: utcTime("told"),
  product: "kubernetes",
  category: "application",
  service: "audit",
  columns: {
    ...kindColumns("kind"),
    status_id: `multiIf(failed, 2, toUInt16OrZero(${at.code}) > 0 or ${at.decision} = 'allow', 1, 0)`,
    status_detail: `if(failed, ${firstThere([at.reason, at.code])}, '')`,
    metadata_uid: at.id,
    actor_user_name: at.user,
    actor_user_uid: at.userId,
    user_name: at.as,
    src_endpoint_ip: `${at.sources}[1]`,
    http_request_user_agent: at.agent,
    http_request_url_path: pathOf(at.uri),
    http_request_url_query: queryOf(at.uri),
    http_response_code: at.code,
    api_service_name: firstThere([at.group, "'core'"]),
    api_operation: `arrayStringConcat(arrayFilter(x -> x != '', [${at.verb}, ${at.resource}, ${at.subresource}]), ' ')`,
    api_response_error: `if(failed, ${firstThere([at.reason, at.code])}, '')`,
    resource_type: `arrayStringConcat(arrayFilter(x -> x != '', [${at.resource}, ${at.subresource}]), '/')`,
    resource_uid: `arrayStringConcat(arrayFilter(x -> x != '', [${at.namespace}, ${at.name}]), '/')`,
  },
  fieldPlaces: jsonFields({
    apiGroup: [inJson("objectRef", "apiGroup")],
    hostPath: [
      inJson(...POD, "volumes", "hostPath", "path"),
      inJson(...TEMPLATE, "volumes", "hostPath", "path"),
    ],
    capabilities: [
      inJson(...POD, "containers", "securityContext", "capabilities", "add"),
      inJson(...TEMPLATE, "containers", "securityContext", "capabilities", "add"),
    ],
  }),
};
