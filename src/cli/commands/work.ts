import { openLog } from "../../core/log.ts";
import { compose, findFolder } from "../../server/compose.ts";
import type { Run } from "../command.ts";

export const run: Run = async (cli) => {
  const folder = await findFolder(cli.folder, cli.environment["TOCSIN_DATA"]);
  const log = openLog(cli.quiet ? "silent" : "info");
  await using context = await compose({ ...cli, folder, who: "tocsin work", log });
  const { work } = await import("../../work/work.ts");
  const { handlersOf } = await import("../../server/handlers.ts");
  cli.note("working; Ctrl-C lets what is under way end");
  await work(context, handlersOf(context), { until: "signal", signal: cli.signal });
  return 0;
};
