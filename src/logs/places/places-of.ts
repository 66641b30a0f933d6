import { z } from "zod";
import type { Click } from "../../db/click.ts";
import { loadPlaces } from "./load-places.ts";
import { locatedSql } from "./places.sql.ts";

/** Empty and 0 where nothing is known. */
export type Place = {
  readonly country: string;
  readonly asNumber: number;
  readonly asName: string;
};

const Row = z.object({
  address: z.string(),
  country: z.string(),
  as_number: z.number(),
  as_name: z.string(),
});

/** Of a few addresses, by the text that was given; at most 100,000. What is no address has a place of which nothing is known. */
export async function placesOf(
  click: Click,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, Place>> {
  if (addresses.length === 0) return new Map();
  await loadPlaces(click);
  const source = "(select arrayJoin({addresses:Array(String)}) as address)";
  const wanted = ["country", "as_number", "as_name"] as const;
  const located = locatedSql({ source, columns: ["address"], address: "address", wanted });
  const rows = await click.query(
    Row,
    `select address, country, as_number, as_name from ${located}`,
    { addresses: [...new Set(addresses)] },
  );
  return new Map(
    rows.map((row) => [
      row.address,
      { country: row.country, asNumber: row.as_number, asName: row.as_name },
    ]),
  );
}
