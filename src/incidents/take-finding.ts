import { z } from "zod";
import { Name } from "../config/words.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import { assignFinding } from "../detect/findings/assign-finding.ts";
import { write } from "../ledger/write.ts";

export const TakeFindingInput = z.strictObject({
  uid: z.string().min(1),
  title: z.string().min(1),
  level: z.string().min(1),
  incident: Name,
});

export type TakenFinding = { finding: string; incident: string; opened: boolean; joined: boolean };

/**
 * Puts a finding into an incident: opens it, *suspected*, or joins it where it is there; a closed or refuted one stays so. Once: a finding
 * that is in an incident already stays in that.
 */
export async function takeFinding(
  ctx: Context,
  input: z.input<typeof TakeFindingInput>,
): Promise<TakenFinding> {
  const { uid, title, level, incident } = parse(TakeFindingInput, input);
  return await write(ctx, "incidents:write", async (tx) => {
    const [made] = await tx`
      insert into incidents (name, title, state, lead, opened_at)
      values (${incident}, ${title}, 'suspected', ${ctx.actor.name}, ${ctx.clock.now()})
      on conflict (name) do nothing returning name`;
    const joined = await assignFinding(tx, { uid, incident });
    const opened = made !== undefined && joined;
    // It went elsewhere meanwhile: then it opens nothing here.
    if (made !== undefined && !joined) await tx`delete from incidents where name = ${incident}`;
    const body = { finding: uid, title, level, opened };
    return {
      result: { finding: uid, incident, opened, joined },
      entry: joined ? { kind: "finding.joined", incident, body } : [],
    };
  });
}
