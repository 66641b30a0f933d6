import type { RunShown } from "../../incidents/runs.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { renderRun } from "../render-run.ts";

export const run: Run = async (cli, { args, options }) => {
  const api = await cli.api();
  const { run: id, incident } = answer<RunShown>(await api.get("run", { run: args["run"] }));
  const step = args["step"] === "all" ? "all" : Number(args["step"]);
  const [note, targets] = [text(options["note"]), text(options["targets"])];
  const ticked = await api.post("tick-step", {
    incident,
    run: id,
    action: args["action"],
    step,
    ...(note === undefined ? {} : { note }),
    ...(targets === undefined ? {} : { targets: targets.split(",") }),
  });
  await api.work?.(id);
  const after = answer<RunShown>(await api.get("run", { run: id }));
  show(cli, { ...answer<{ ticked: number }>(ticked), run: after }, () =>
    renderRun(after, cli.terminal),
  );
  return 0;
};
