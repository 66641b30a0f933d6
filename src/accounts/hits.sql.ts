// Which of what is looked for was seen, in one pass over the events of a span.
import { ADDRESS, shownSql } from "./account-lines.sql.ts";
import { FAMILY_SQL } from "./families.ts";
import {
  ACTOR_SHOWN,
  CELLS_SQL,
  isNamedSql,
  type LookedAmong,
  type LookedFor,
  SAYS_ACTOR,
  SAYS_WHOSE,
  nameKeySql,
  USER_SHOWN,
} from "./identity.sql.ts";
import { FORMS } from "./looked-for.ts";
import { inSpanSql, type Span } from "./span.ts";
import { CLASS } from "../logs/event-columns.ts";

const MOST_OF_EACH = 10;

/** How what is looked for is found in an event. */
export type Finder = {
  /** SQL, Bool: it is there. */
  readonly is: string;
  /** SQL, Bool: something of its sort is. */
  readonly says: string;
  /** SQL, Array(Tuple(thing String, isActor Bool)), some of them twice. */
  readonly things: string;
  /** SQL, String: who else was part of it. */
  readonly others: string;
};

/** Finds accounts. */
export function accountFinder(table: string): Finder {
  const set = (form: string): string =>
    `(select substring(key, 3) from ${table} where startsWith(key, '${form}'))`;
  const things = (key: string): string => `joinGet('${table}', 'things', ${key})`;
  const among = (form: string, exact: string): LookedAmong => ({
    keys: set(form),
    exact: set(exact),
    hasKey: (key) => `notEmpty(${things(`concat('${form}', ${key})`)})`,
  });
  const looked: LookedFor = {
    names: among(FORMS.name, FORMS.idAsName),
    ids: among(FORMS.nameAsId, FORMS.id),
  };
  const keyed = `concat(if(one.2, '${FORMS.nameAsId}', '${FORMS.name}'), ${nameKeySql("one.1")})`;
  const exact = `concat(if(one.2, '${FORMS.id}', '${FORMS.idAsName}'), one.1)`;
  return {
    is: isNamedSql(looked, "either"),
    says: SAYS_WHOSE,
    things: `arrayFlatten(arrayMap(one -> arrayMap(thing -> (thing, one.3), arrayConcat(${things(keyed)}, ${things(exact)})), ${CELLS_SQL}))`,
    others: "''",
  };
}

// A machine is named by all that it logs; it is touched where somebody signs in to it, or where its accounts change.
const TOUCHES = `class_uid in (${[CLASS.authentication, CLASS.account_change, CLASS.user_access, CLASS.group_management].join(", ")})`;
const RESOURCE_CELLS = [
  "resource_uid",
  "dst_endpoint_hostname",
  "dst_endpoint_ip",
  `if(${TOUCHES}, toString(device_hostname), '')`,
];

/** Finds resources: what an event was on, the machine that it went to, and the one that somebody signed in to. */
export function resourceFinder(table: string): Finder {
  const set = `(select substring(key, 3) from ${table})`;
  return {
    is: `(${RESOURCE_CELLS.map((cell) => `lowerUTF8(${cell}) in ${set}`).join(" or ")})`,
    says: `(${RESOURCE_CELLS.map((cell) => `${cell} != ''`).join(" or ")})`,
    things: `arrayMap(one -> (one, false), arrayConcat(${RESOURCE_CELLS.map((cell) => `joinGet('${table}', 'things', concat('${FORMS.resource}', lowerUTF8(${cell})))`).join(", ")}))`,
    others: shownSql(`if(${SAYS_ACTOR}, ${ACTOR_SHOWN}, ${USER_SHOWN})`),
  };
}

/** One row a thing, a family in a source, an address, and of all. Takes the parameters of the span, `things` and `rest`. */
export function hitsSql(finder: Finder, span: Span): string {
  return `
select multiIf(grouping(thing) = 0, 'thing', grouping(family) = 0, 'family', grouping(address) = 0, 'address', 'all') as of,
  thing, family, source, address, countIf(nth = 1) as each, count() as times, uniqExact(thing) as things,
  min(time) as first, max(time) as last, countIf(did_it) as did, countIf(not time_known and nth = 1) as timeless,
  countIf(class_uid = ${CLASS.authentication} and activity_id = 1 and status_id = 1) as signIns,
  arraySort(groupUniqArray(${MOST_OF_EACH})(event_family)) as families, arraySort(groupUniqArray(${MOST_OF_EACH})(event_address)) as addresses,
  arraySort(groupUniqArray(${MOST_OF_EACH})(other)) as others
from (
  select time, time_known, class_uid, activity_id, status_id, source, family, family as event_family, address, address as event_address, other, nth,
    all_things[nth] as thing, has(named, (thing, true)) or not says_actor as did_it
  from (
    select time, time_known, class_uid, activity_id, status_id, toString(source) as source, ${FAMILY_SQL} as family, ${shownSql(ADDRESS)} as address,
      ${finder.others} as other, ${SAYS_ACTOR} as says_actor, ${finder.things} as named,
      arrayDistinct(arrayMap(one -> one.1, named)) as all_things, arrayJoin(arrayEnumerate(all_things)) as nth
    from events where ${inSpanSql(span)} and ${finder.is}))
group by grouping sets ((thing), (family, source), (address), ())
order by times desc, thing, family, source, address limit {most:UInt32} by of`;
}
