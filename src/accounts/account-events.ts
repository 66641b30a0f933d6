// How one account's events are found again and again: its spellings once, by the forms of its names, then by those.
import { z } from "zod";
import type { Click } from "../db/click.ts";
import {
  CELLS_SQL,
  isNamedSql,
  isCellNamedSql,
  isSpeltSql,
  type LookedFor,
  type Part,
} from "./identity.sql.ts";
import { rolesSql } from "./account-lines.sql.ts";

/** An attacker may try a name in as many ways of capitals as it has letters. */
const MOST_SPELLINGS = 5_000;
const SHOWN_SOURCES = 20;

const Row = z.object({
  text: z.string(),
  isId: z.boolean(),
  events: z.number(),
  sources: z.array(z.string()),
});
export type SpellingFound = z.output<typeof Row>;

export type AccountEvents = {
  /** As what the logs name it, the most frequent first. */
  readonly spellings: readonly SpellingFound[];
  /** SQL, Bool: an event is of the account. */
  readonly where: string;
  /** SQL, String: the account's role in it. */
  readonly roles: string;
};

/** One pass over all events: 1.6 s of CPU at 10 million. What comes after it is led by the skip indexes. */
export async function accountEvents(click: Click, looked: LookedFor): Promise<AccountEvents> {
  const spellings = await click.query(
    Row,
    `select pair.1 as text, pair.2 as isId, count() as events, arraySort(groupUniqArray(${SHOWN_SOURCES})(source)) as sources
     from (
       select toString(source) as source, product,
         arrayJoin(arrayDistinct(arrayMap(one -> (one.1, one.2), arrayFilter(one -> ${isCellNamedSql("one", looked)}, ${CELLS_SQL})))) as pair
       from events where ${isNamedSql(looked, "either")})
     group by pair order by events desc, text limit ${MOST_SPELLINGS + 1}`,
  );
  const all = spellings.length <= MOST_SPELLINGS;
  const is = (part: Part): string => (all ? isSpeltSql(spellings, part) : isNamedSql(looked, part));
  return { spellings, where: is("either"), roles: rolesSql(is("actor"), is("user")) };
}
