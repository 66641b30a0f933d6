// The columns of the table `events`, by the OCSF attribute that each holds. Text is empty, a number is 0, where the record
// told nothing.

export type ColumnKind = "text" | "number" | "flag" | "time";

/** OCSF 1.x attribute → its column. */
export const EVENT_COLUMNS = {
  time: { column: "time", kind: "time" },
  class_uid: { column: "class_uid", kind: "number" },
  activity_id: { column: "activity_id", kind: "number" },
  activity_name: { column: "activity_name", kind: "text" },
  status_id: { column: "status_id", kind: "number" },
  status_detail: { column: "status_detail", kind: "text" },
  "metadata.uid": { column: "metadata_uid", kind: "text" },
  "actor.user.name": { column: "actor_user_name", kind: "text" },
  "actor.user.uid": { column: "actor_user_uid", kind: "text" },
  "user.name": { column: "user_name", kind: "text" },
  "user.uid": { column: "user_uid", kind: "text" },
  "user.email_addr": { column: "user_email_addr", kind: "text" },
  "session.uid": { column: "session_uid", kind: "text" },
  is_mfa: { column: "is_mfa", kind: "flag" },
  auth_protocol: { column: "auth_protocol", kind: "text" },
  "src_endpoint.ip": { column: "src_endpoint_ip", kind: "text" },
  "src_endpoint.port": { column: "src_endpoint_port", kind: "number" },
  "src_endpoint.hostname": { column: "src_endpoint_hostname", kind: "text" },
  "dst_endpoint.ip": { column: "dst_endpoint_ip", kind: "text" },
  "dst_endpoint.port": { column: "dst_endpoint_port", kind: "number" },
  "dst_endpoint.hostname": { column: "dst_endpoint_hostname", kind: "text" },
  "device.hostname": { column: "device_hostname", kind: "text" },
  "http_request.http_method": { column: "http_request_method", kind: "text" },
  "http_request.url.path": { column: "http_request_url_path", kind: "text" },
  "http_request.url.query_string": { column: "http_request_url_query", kind: "text" },
  "http_request.user_agent": { column: "http_request_user_agent", kind: "text" },
  "http_request.referrer": { column: "http_request_referrer", kind: "text" },
  "http_response.code": { column: "http_response_code", kind: "number" },
  "traffic.bytes_out": { column: "traffic_bytes_out", kind: "number" },
  "api.service.name": { column: "api_service_name", kind: "text" },
  "api.operation": { column: "api_operation", kind: "text" },
  "api.response.error": { column: "api_response_error", kind: "text" },
  "resource.type": { column: "resource_type", kind: "text" },
  "resource.uid": { column: "resource_uid", kind: "text" },
  "process.name": { column: "process_name", kind: "text" },
  "process.pid": { column: "process_pid", kind: "number" },
  "process.cmd_line": { column: "process_cmd_line", kind: "text" },
  "cloud.account.uid": { column: "cloud_account_uid", kind: "text" },
  "cloud.region": { column: "cloud_region", kind: "text" },
  message: { column: "message", kind: "text" },
} as const satisfies Readonly<
  Record<string, { readonly column: string; readonly kind: ColumnKind }>
>;

export type Attribute = keyof typeof EVENT_COLUMNS;
export type EventColumn = (typeof EVENT_COLUMNS)[Attribute]["column"];

/** OCSF 1.x classes that events are of; 0 (Base Event) where none fits. */
export const CLASS = {
  base: 0,
  file: 1001,
  process: 1007,
  account_change: 3001,
  authentication: 3002,
  entity_management: 3004,
  user_access: 3005,
  group_management: 3006,
  network: 4001,
  http: 4002,
  dns: 4003,
  email: 4009,
  web_resource_access: 6004,
  web_resource: 6001,
  api: 6003,
  datastore: 6005,
} as const;

/** `status_id`: how what is told of ended. */
export const STATUS = { unknown: 0, success: 1, failure: 2 } as const;
