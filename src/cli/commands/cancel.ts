import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";

export const run: Run = async (cli, { args, options }) => {
  const api = await cli.api();
  const because = text(options["because"]);
  const cancelled = await api.post("cancel-plan", {
    plan: args["plan"],
    ...(because === undefined ? {} : { because }),
  });
  show(cli, cancelled, () => "cancelled");
  return 0;
};
