import { show } from "../cli.ts";
import type { Run } from "../command.ts";

export const run: Run = async (cli, { args, rest }) => {
  const api = await cli.api();
  const noted = await api.post("note", { incident: args["incident"], says: rest.join(" ") });
  show(cli, noted, () => "noted");
  return 0;
};
