import type { Applied } from "../../incidents/apply.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import type { Run } from "../command.ts";
import { watchRun } from "../watch-run.ts";

export const run: Run = async (cli, { args, options }) => {
  const api = await cli.api();
  const applied = answer<Applied>(await api.post("apply", { plan: args["plan"] }));
  const waits = options["wait"] === true || api.work !== undefined;
  if (!cli.json)
    cli.note(`run ${applied.number}: ${applied.targets.toLocaleString("en-US")} targets`);
  if (!waits) {
    show(cli, applied, () => `the server does it: tocsin run show ${applied.run}`);
    return 0;
  }
  return await watchRun(cli, applied);
};
