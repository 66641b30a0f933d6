import type { Context } from "../db/context.ts";
import { probesOf, recordProbes } from "./canaries.ts";
import type { Control } from "./connectors/github.ts";

/** Whether GitHub's check call was ever seen to know a living token, in this incident. Kept beside the canaries: it is one. */
export function githubControl(ctx: Context, of: { incident: string; connector: string }): Control {
  let known = false;
  return {
    known: async () => {
      known ||= (await probesOf(ctx, of)).some(
        (row) => row.key === CHECK_CALL && row.verdict === "accepted",
      );
      return known;
    },
    remember: async () => {
      known = true;
      await recordProbes(ctx, { ...of, phase: "before" }, [
        { key: CHECK_CALL, verdict: "accepted" },
      ]);
    },
  };
}

const CHECK_CALL = "check call";
