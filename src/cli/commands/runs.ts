import type { RunShown } from "../../incidents/runs.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import type { Run } from "../command.ts";
import { renderRun } from "../render-run.ts";

export const run: Run = async (cli, { args }) => {
  const api = await cli.api();
  const runs = answer<RunShown[]>(await api.get("runs", { incident: args["incident"] }));
  show(cli, runs, () =>
    runs.length === 0
      ? "no plan was applied yet"
      : runs.map((one) => renderRun(one, cli.terminal)).join("\n\n"),
  );
  return 0;
};
