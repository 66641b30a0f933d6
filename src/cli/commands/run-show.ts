import type { RunShown } from "../../incidents/runs.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import type { Run } from "../command.ts";
import { renderRun } from "../render-run.ts";

export const run: Run = async (cli, { args }) => {
  const api = await cli.api();
  show(cli, answer<RunShown>(await api.get("run", { run: args["run"] })), (shown) =>
    renderRun(shown, cli.terminal),
  );
  return 0;
};
