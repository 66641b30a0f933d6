import type { RunShown } from "../../incidents/runs.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { renderRun } from "../render-run.ts";

export function control(what: "pause" | "resume" | "abort"): Run {
  return async (cli, { args, options }) => {
    const api = await cli.api();
    const { run } = answer<RunShown>(await api.get("run", { run: args["run"] }));
    const because = text(options["because"]);
    await api.post(`run-${what}`, { run, ...(because === undefined ? {} : { because }) });
    show(cli, answer<RunShown>(await api.get("run", { run })), (shown) =>
      renderRun(shown, cli.terminal),
    );
    return 0;
  };
}
