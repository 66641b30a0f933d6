import { z } from "zod";
import type { Click } from "../db/click.ts";
import { ROW_COLUMNS } from "./event-select.sql.ts";

export type Gathered = {
  readonly source: string;
  readonly records: number;
  /** Of these, records that tell no usable time. */
  readonly timeless: number;
};

/** Places whose times are settled at once: what is joined is held in memory. */
const RANGE = 1_000_000;

/**
 * The source takes the place of its former self in `events`, in one step. Records without a time have that of the one before them; where there is
 * none before, what they came with.
 */
export async function publishSource(
  click: Click,
  { source, records, timeless }: Gathered,
): Promise<void> {
  const isDated = timeless > 0 && timeless < records;
  if (isDated) await date(click, source);
  const change =
    records === 0
      ? "drop partition {source:String}"
      : `replace partition {source:String} from ${isDated ? "events_dated" : "events_reading"}`;
  await click.command(`alter table events ${change}`, { source });
  await click.command("alter table events_reading drop partition {source:String}", { source });
  if (isDated)
    await click.command("alter table events_dated drop partition {source:String}", { source });
}

const Range = z.object({ range: z.number(), known: z.number(), last: z.string() });

async function date(click: Click, source: string): Promise<void> {
  await click.command("alter table events_dated drop partition {source:String}", { source });
  const ranges = await click.query(
    Range,
    `select intDiv(place - 1, ${RANGE}) as range, countIf(time_known) as known, argMaxIf(time, place, time_known) as last
    from events_reading where source = {source:String} group by range order by range`,
    { source },
  );
  let before: string | undefined;
  for (const { range, known, last } of ranges) {
    const after = range * RANGE;
    await click.command(datedSql(before), { source, after, to: after + RANGE, before });
    if (known > 0) before = last;
  }
}

// Of the known times only those that stand just before an unknown one are joined.
function datedSql(before: string | undefined): string {
  const first =
    before === undefined ? "e.time" : "parseDateTime64BestEffort({before:String}, 6, 'UTC')";
  const columns = ROW_COLUMNS.map((column) =>
    column === "time"
      ? `multiIf(e.time_known, e.time, b.place = 0, ${first}, b.time) as c_time`
      : `e.${column} as c_${column}`,
  );
  const within = "source = {source:String} and place > {after:UInt64} and place <= {to:UInt64}";
  return `
    insert into events_dated (${ROW_COLUMNS.join(", ")})
    select ${columns.join(", ")}
    from (select ${ROW_COLUMNS.join(", ")} from events_reading where ${within}) as e
    asof left join (
      select source, place, time from (
        select source, place, time, time_known, lead(time_known, 1, true) over (order by place) as next_known
        from events_reading where ${within})
      where time_known and not next_known
    ) as b on e.source = b.source and e.place > b.place`;
}
