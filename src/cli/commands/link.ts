import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";

export const run: Run = async (cli, { args, options }) => {
  const api = await cli.api();
  const linked = await api.post("link", {
    incident: args["incident"],
    other: args["other"],
    because: text(options["because"]),
  });
  show(cli, linked, () => "linked");
  return 0;
};
