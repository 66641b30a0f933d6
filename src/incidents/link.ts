import { z } from "zod";
import { Name } from "../config/words.ts";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { lockIncident } from "./decide.ts";

export const LinkInput = z.strictObject({
  incident: Name,
  other: Name,
  because: z.string().min(1),
});

export type Linked = { incident: string; other: string };

/** Ties two incidents together: one intruder, one vendor, one cause. Twice is a conflict. */
export async function link(ctx: Context, input: z.input<typeof LinkInput>): Promise<Linked> {
  const { incident, other, because } = parse(LinkInput, input);
  if (incident === other) throw new TocsinError("invalid", "an incident is not linked to itself");
  const [first, second] = [incident, other].toSorted() as [string, string];
  return await write(ctx, "incidents:write", async (tx) => {
    await lockIncident(tx, first);
    await lockIncident(tx, second);
    const [row] = await tx`
      insert into incident_links (incident, other, because, linked_by, linked_at)
      values (${first}, ${second}, ${because}, ${ctx.actor.name}, ${ctx.clock.now()})
      on conflict do nothing returning incident`;
    if (!row) throw new TocsinError("conflict", `${first} and ${second} are linked already`);
    return {
      result: { incident, other },
      entry: {
        kind: "incident.linked",
        incident,
        body: { incident: first, other: second, because },
      },
    };
  });
}
