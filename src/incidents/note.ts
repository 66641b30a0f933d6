import { randomUUID } from "node:crypto";
import { z } from "zod";
import { Name } from "../config/words.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { lockIncident } from "./decide.ts";

export const NoteInput = z.strictObject({ incident: Name, says: z.string().min(1).max(100_000) });

export type Noted = { incident: string; note: string };

/** Writes down what somebody saw or thought. Kept for good; a mistake is corrected by another note. */
export async function note(ctx: Context, input: z.input<typeof NoteInput>): Promise<Noted> {
  const { incident, says } = parse(NoteInput, input);
  return await write(ctx, "incidents:write", async (tx) => {
    await lockIncident(tx, incident);
    const id = randomUUID();
    await tx`
      insert into notes (id, incident, says, written_by, written_at)
      values (${id}, ${incident}, ${says}, ${ctx.actor.name}, ${ctx.clock.now()})`;
    return {
      result: { incident, note: id },
      entry: { kind: "note.written", incident, body: { note: id, says } },
    };
  });
}
