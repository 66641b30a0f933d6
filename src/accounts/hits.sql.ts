// Which of what is looked for was seen, in one pass over the events of a span.
import { CLASS } from "../logs/event-columns.ts";
import { bound } from "../registry/sql-text.ts";
import { ADDRESS, shownSql } from "./account-lines.sql.ts";
import { FAMILY_PLACE_SQL } from "./families.ts";
import {
  ACTOR_SHOWN,
  CELLS_SQL,
  mayBeNamedSql,
  nameKeySql,
  SAYS_ACTOR,
  SAYS_WHOSE,
  USER_SHOWN,
} from "./identity.sql.ts";
import { FORMS } from "./looked-for.ts";
import { inSpanSql, type Span } from "./span.ts";

const MOST_OF_EACH = 10;

/** How what is looked for is found in an event. */
export type Finder = {
  /** SQL, Bool: it may be there. */
  readonly mayBe: string;
  /** SQL, Bool: something of its sort is. */
  readonly says: string;
  /** SQL, Array(Tuple(thing String, isActor Bool)), some of them twice; empty where nothing is. */
  readonly things: string;
  /** SQL, String: who else was part of it; undefined where that is not asked. */
  readonly other: string | undefined;
};

/** Finds accounts. */
export function accountFinder(table: string): Finder {
  const things = (key: string): string => `joinGet('${table}', 'things', ${key})`;
  const [name, id] = [
    things(`concat('${FORMS.name}', nk)`),
    things(`concat('${FORMS.id}', one.1)`),
  ];
  const asId = without(name, things(`concat('${FORMS.nameNotAsId}', nk)`));
  const asName = without(id, things(`concat('${FORMS.idNotAsName}', one.1)`));
  const named = `arrayConcat(if(one.2, ${id}, ${name}), if(one.2, ${asId}, ${asName}))`;
  const ofCell = bound("nk", nameKeySql("one.1"), `arrayMap(thing -> (thing, one.3), ${named})`);
  return {
    mayBe: mayBeNamedSql(`(select lower(substring(key, 3)) from ${table})`),
    says: SAYS_WHOSE,
    things: `arrayFlatten(arrayMap(one -> ${ofCell}, ${CELLS_SQL}))`,
    other: undefined,
  };
}

function without(things: string, others: string): string {
  return `arrayFilter(thing -> not has(${others}, thing), ${things})`;
}

// A machine is named by all that it logs; it is touched where somebody signs in to it, or where its accounts change.
const TOUCHES = `class_uid in (${[CLASS.authentication, CLASS.account_change, CLASS.user_access, CLASS.group_management].join(", ")})`;
const RESOURCE_CELLS = [
  "resource_uid",
  "http_request_url_path",
  "dst_endpoint_hostname",
  "dst_endpoint_ip",
  `if(${TOUCHES}, toString(device_hostname), '')`,
];

/** Finds resources: what an event was on, the machine that it went to, and the one that somebody signed in to. */
export function resourceFinder(table: string): Finder {
  const set = `(select substring(key, 3) from ${table})`;
  return {
    mayBe: `(${RESOURCE_CELLS.map((cell) => `lowerUTF8(${cell}) in ${set}`).join(" or ")})`,
    says: `(${RESOURCE_CELLS.map((cell) => `${cell} != ''`).join(" or ")})`,
    things: `arrayMap(one -> (one, false), arrayConcat(${RESOURCE_CELLS.map((cell) => `joinGet('${table}', 'things', concat('${FORMS.resource}', lowerUTF8(${cell})))`).join(", ")}))`,
    other: shownSql(`if(${SAYS_ACTOR}, ${ACTOR_SHOWN}, ${USER_SHOWN})`),
  };
}

/** One row a thing, a family in a source, an address, and of all. Takes the parameters of the span and `most`. */
export function hitsSql({ mayBe, things, other }: Finder, span: Span): string {
  const others =
    other === undefined
      ? "emptyArrayString()"
      : `arraySort(groupUniqArray(${MOST_OF_EACH})(other))`;
  return `
select multiIf(grouping(thing) = 0, 'thing', grouping(family) = 0, 'family', grouping(address) = 0, 'address', 'all') as of,
  thing, family, toString(source) as in_source, address, countIf(nth = 1) as each, count() as times, uniqExact(cityHash64(thing)) as things,
  min(time) as first, max(time) as last, countIf(did_it) as did, countIf(not time_known and nth = 1) as timeless,
  countIf(class_uid = ${CLASS.authentication} and activity_id = 1 and status_id = 1) as signIns,
  groupBitOr(bitShiftLeft(toUInt32(1), own_family)) as families,
  arraySort(groupUniqArray(${MOST_OF_EACH})(own_address)) as addresses, ${others} as others
from (
  select time, time_known, class_uid, activity_id, status_id, source, family, family as own_family, address, address as own_address, other, nth,
    all_things[nth] as thing, has(named, (thing, true)) or not says_actor as did_it
  from (
    select time, time_known, class_uid, activity_id, status_id, source, ${FAMILY_PLACE_SQL} as family, ${shownSql(ADDRESS)} as address,
      ${other ?? "''"} as other, ${SAYS_ACTOR} as says_actor, ${things} as named,
      arrayDistinct(arrayMap(one -> one.1, named)) as all_things, arrayJoin(arrayEnumerate(all_things)) as nth
    from events where ${inSpanSql(span)} and ${mayBe}))
group by grouping sets ((thing), (family, source), (address), ())
order by times desc, thing, family, in_source, address limit {most:UInt32} by of`;
}
