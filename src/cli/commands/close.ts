import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";

export const run: Run = async (cli, { args, options }) => {
  const api = await cli.api();
  const closed = await api.post("close-incident", {
    incident: args["incident"],
    because: text(options["because"]),
  });
  show(cli, closed, () => `${args["incident"]} is closed`);
  return 0;
};
