import { z } from "zod";
import { TocsinError } from "../../core/errors.ts";
import { parse } from "../../core/parse.ts";
import type { Context } from "../../db/context.ts";
import { write } from "../../ledger/write.ts";
import { findingOfUid, ShowFindingInput } from "./show-finding.ts";

export const CloseFindingInput = ShowFindingInput.extend({
  because: z.string().trim().min(1).max(10_000),
});

export type ClosedFinding = { uid: string; title: string };

/** It was looked at and is done with. What repeats from now on is a finding of its own. @throws TocsinError `conflict` where it is not open */
export async function closeFinding(
  ctx: Context,
  input: z.input<typeof CloseFindingInput>,
): Promise<ClosedFinding> {
  const { uid: given, because } = parse(CloseFindingInput, input);
  const { uid, title, incident } = await findingOfUid(ctx, given);
  return await write(ctx, "findings:write", async (tx) => {
    const closed = await tx`
      update findings set state = 'closed', closed_by = ${ctx.actor.name}, closed_because = ${because}, changed_at = ${ctx.clock.now()}
      where uid = ${uid} and state = 'open' returning uid`;
    if (closed.length === 0)
      throw new TocsinError("conflict", `finding ${uid} is not open any more`);
    return {
      result: { uid, title },
      entry: {
        kind: "finding.closed",
        ...(incident === null ? {} : { incident }),
        body: { finding: uid, because },
      },
    };
  });
}
