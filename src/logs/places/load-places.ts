import { z } from "zod";
import type { Click } from "../../db/click.ts";
import { Scratch } from "../../db/scratch.ts";
import { PLACE_FILES, placesAreHere } from "./place-data.ts";
import { PLACE_TABLES } from "./places.sql.ts";

type Table = keyof typeof PLACE_TABLES;

const OF: Readonly<Record<Table, Readonly<Record<"names" | "told" | "columns", string>>>> = {
  countries: {
    names: "country",
    told: "country String",
    columns: "country LowCardinality(String)",
  },
  networks: {
    names: "as_number, as_name",
    told: "as_number UInt32, as_name String",
    columns: "as_number UInt32, as_name LowCardinality(String)",
  },
};

/**
 * Makes the tables that `locatedSql` reads, once a data folder and version of the data: 1.1 million ranges in a few seconds. False where the
 * data is not installed: the tables are then there and empty, and no address has a place.
 */
export async function loadPlaces(click: Click): Promise<boolean> {
  const isHere = await placesAreHere();
  for (const table of ["countries", "networks"] as const) {
    const columns = `(first UInt128, last UInt128, ${OF[table].columns}) engine = MergeTree order by first`;
    await click.command(`create table if not exists ${PLACE_TABLES[table]} ${columns}`);
    const [found] = await click.query(
      z.object({ first: z.string() }),
      `select toString(first) as first from ${PLACE_TABLES[table]} limit 1`,
    );
    if (found === undefined && isHere) await fill(click, table, columns);
  }
  return isHere;
}

// Filled aside and put in place in one step: nobody reads a half, and a crash leaves scratch tables that go within a day.
async function fill(click: Click, table: Table, columns: string): Promise<void> {
  const { names, told } = OF[table];
  await using scratch = new Scratch(click);
  const read = await scratch.empty("read", columns);
  for (const path of PLACE_FILES[table])
    await click.load({
      into: read,
      path,
      format: "CSV",
      structure: `first String, last String, ${told}`,
      select: (source) =>
        `select toUInt128(toIPv6(first)), toUInt128(toIPv6(last)), ${names} from ${source}`,
    });
  const clustered = await scratch.empty(
    "clustered",
    columns
      .replace("(first", "(cluster UInt32, first")
      .replace("order by first", "order by cluster"),
  );
  await click.command(`insert into ${clustered} ${clusteredSql(read, names)} ${FRUGAL}`);
  await click.command(
    `create or replace table ${PLACE_TABLES[table]} ${columns} as ${apartSql(clustered, names)} ${FRUGAL}`,
  );
}

// One after the other, in little memory: it is done once.
const FRUGAL =
  "settings max_threads = 1, max_block_size = 16384, optimize_aggregation_in_order = 1";

// Ranges that touch one another have one number.
function clusteredSql(table: string, names: string): string {
  return `
    select sum(toUInt32(before is null or before < first)) over (order by first, last desc rows between unbounded preceding and current row) as cluster,
      first, last, ${names}
    from (select first, last, ${names},
      max(toNullable(last)) over (order by first, last desc rows between unbounded preceding and 1 preceding) as before from ${table})`;
}

/**
 * Ranges stand in ranges (700 do): the narrowest is what holds. Those that touch no other stay as they are; the others are cut wherever one of
 * them begins or ends.
 */
function apartSql(clustered: string, names: string): string {
  const several = `(select cluster from ${clustered} group by cluster having count() > 1)`;
  const touching = `(select cluster, first, last, ${names} from ${clustered} where cluster in ${several})`;
  const cuts = `(
    select cluster, cut, lead(cut) over (partition by cluster order by cut) as next
    from (select distinct cluster, arrayJoin([first, last + 1]) as cut from ${touching}))`;
  const held = names.split(", ").map((name) => `argMin(r.${name}, r.last - r.first) as ${name}`);
  return `
    select first, last, ${names} from ${clustered} where cluster not in ${several}
    union all
    select c.cut as first, any(c.next) - 1 as last, ${held.join(", ")}
    from ${cuts} as c inner join ${touching} as r on c.cluster = r.cluster
    where c.next > c.cut and r.first <= c.cut and r.last >= c.cut group by c.cluster, c.cut`;
}
