// The timeline's lines: events that differ in nothing but their moment and what they were on are one line an hour.
import { FAMILY_SQL } from "./families.ts";
import { ACTOR_SHOWN, SAYS_ACTOR, USER_SHOWN } from "./identity.sql.ts";
import { inSpanSql, type Span } from "./span.ts";

const SHOWN_CHARACTERS = 300;

const KEY = [
  "source",
  "family",
  "class_uid",
  "activity_id",
  "activity_name",
  "status_id",
  "status_detail",
  "operation",
  "method",
  "role",
  "other",
  "address",
  "session",
  "agent",
  "second_factor",
] as const;

/** Where it acted for itself; `to` somebody else; or something was done to it `by` somebody else. */
export const ROLES = ["self", "to", "by"] as const;

export type LinesInput = {
  /** SQL, Bool: the account's events. */
  readonly where: string;
  /** SQL, String: its role in each, of `rolesSql`. */
  readonly roles: string;
  readonly span: Span;
  readonly paged: boolean;
};

/** Takes the parameters of the span, `limit`, and where it is paged `afterTime`, `afterHour` (since 1970) and `afterId`. */
export function linesSql({ where, roles, span, paged }: LinesInput): string {
  const past = paged ? "having (first, id) > ({afterTime:DateTime64(6)}, {afterId:UInt64})" : "";
  // A line of the hour of the last one may still come: its hour is looked at again.
  const from = paged ? ` and ${HOUR} >= {afterHour:Int64}` : "";
  return `
select min(time) as first, max(time) as last, count() as events, countIf(not time_known) as timeless,
  cityHash64(hour, ${KEY.join(", ")}) as id, toString(id) as id_text, ${KEY.join(", ")},
  uniq(on_thing) as things, min(on_thing) as thing, argMin(place, (time, place)) as first_place
from (
  select time, time_known, place, ${HOUR} as hour, toString(source) as source, ${FAMILY_SQL} as family, class_uid, activity_id,
    toString(activity_name) as activity_name, status_id, ${shownSql("toString(status_detail)")} as status_detail, ${shownSql("api_operation")} as operation,
    toString(http_request_method) as method, ${roles} as role,
    multiIf(role = 'by', ${shownSql(ACTOR_SHOWN)}, role = 'to', ${shownSql(USER_SHOWN)}, '') as other,
    ${shownSql(ADDRESS)} as address, ${shownSql("session_uid")} as session, ${shownSql("http_request_user_agent")} as agent,
    multiIf(isNull(is_mfa), '', is_mfa, 'yes', 'no') as second_factor, ${shownSql(THING)} as on_thing
  from events where ${where} and ${inSpanSql(span)}${from})
group by hour, ${KEY.join(", ")} ${past}
order by first, id limit {limit:UInt32}`;
}

/** SQL, String: as much of a value as is shown; a log may hold anything. */
export function shownSql(value: string): string {
  return `substringUTF8(${value}, 1, ${SHOWN_CHARACTERS})`;
}

/** SQL, String: where it came from. */
export const ADDRESS = "if(src_endpoint_ip != '', src_endpoint_ip, src_endpoint_hostname)";
// `toStartOfHour` wraps around outside of 1970 to 2106.
const HOUR = "intDiv(toUnixTimestamp64Micro(time), 3600000000)";
const THING = "if(resource_uid != '', resource_uid, http_request_url_path)";

/** SQL, String: the account's role in one of its events. */
export function rolesSql(actorIs: string, userIs: string): string {
  const saysUser = `(${USER_SHOWN} != '')`;
  return `multiIf(${actorIs} and (${userIs} or not ${saysUser}), 'self', ${actorIs}, 'to', not ${SAYS_ACTOR}, 'self', 'by')`;
}
