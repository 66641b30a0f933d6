import type { Context } from "../../src/db/context.ts";
import { appendBatch } from "../../src/ledger/append.ts";
import { write } from "../../src/ledger/write.ts";

/** Stands in every body that `fill` writes. */
export const ADDRESS = "jtanaka@example.org";

/** `n` notes and one batch of `members`, in an incident. Gives the batch's entry. */
export async function fill(ctx: Context, { notes = 5, members = 7 } = {}): Promise<string> {
  for (let n = 0; n < notes; n += 1) {
    const entry = {
      kind: "note.written",
      incident: "hub",
      body: { says: `${n} about ${ADDRESS}` },
    };
    await write(ctx, "incidents:write", () => Promise.resolve({ result: null, entry }));
  }
  return await write(ctx, "runs:control", async (tx) => {
    const outcomes = Array.from({ length: members }, (_, n) => ({
      id: `r/1/${n}`,
      body: { key: `${n}`, to: ADDRESS, state: "done" },
    }));
    const { entry } = await appendBatch(tx, ctx, {
      kind: "outcomes.recorded",
      incident: "hub",
      members: outcomes,
    });
    return { result: entry, entry: [] };
  });
}
