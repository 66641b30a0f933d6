import type { Click } from "../../db/click.ts";
import { z } from "zod";
import { candidatesOf } from "./candidates.sql.ts";
import type { CorrelateInput } from "./correlate-input.ts";
import { rowsSql } from "./rows.sql.ts";

/**
 * Those of which some group could fire, told by one statement for all: of most that are looked at live none can, and each that is correlated costs
 * six statements (45 ms against 8).
 */
export async function couldFire<Input extends CorrelateInput>(
  click: Click,
  inputs: readonly Input[],
): Promise<Input[]> {
  const asked = inputs.map((input, index) => {
    // The narrowest: a group that fires is among all.
    const candidates = candidatesOf(input.rule).at(-1);
    const rows = `(${rowsSql(input)})`;
    return candidates && `select ${index} as place from (${candidates(rows)} limit 1)`;
  });
  const selects = asked.filter((select) => select !== undefined);
  if (selects.length === 0) return [...inputs];
  const found = await click.query(z.object({ place: z.number() }), selects.join(" union all "));
  const places = new Set(found.map(({ place }) => place));
  return inputs.filter((_, index) => asked[index] === undefined || places.has(index));
}
