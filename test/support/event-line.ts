import type { EventRow } from "./read-lines.ts";

/** What an event was read as, in one line a person can check: when, class and activity, how it ended, who, whom, from where, what. */
export function eventLine(row: EventRow): string {
  const ended = ["", " success", " failure"][Number(row.status_id)] ?? "";
  const told: readonly (readonly [string, string | number | boolean | null])[] = [
    ["broken", row.broken],
    ["by", row.actor_user_name],
    ["id", row.actor_user_uid],
    ["user", row.user_name],
    ["from", row.src_endpoint_ip || row.src_endpoint_hostname],
    ["to", row.dst_endpoint_ip || row.dst_endpoint_hostname],
    ["did", row.api_operation],
    ["on", row.resource_uid],
    ["at", row.api_service_name],
    ["session", row.session_uid],
    ["mfa", row.is_mfa],
    ["why", row.status_detail],
    ["request", `${row.http_request_method} ${row.http_request_url_path}`.trim()],
    ["uid", row.metadata_uid],
    ["source", [row.product, row.category, row.service].filter((word) => word !== "").join("/")],
  ];
  const words = told.filter(([, value]) => value !== "" && value !== null);
  const time = row.time_known ? row.time : "no time";
  return `${time} ${row.class_uid}:${row.activity_id} ${row.activity_name}${ended} | ${words.map(([name, value]) => `${name}=${String(value)}`).join(" | ")}`;
}
