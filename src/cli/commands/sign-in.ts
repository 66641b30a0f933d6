import { TocsinError } from "../../core/errors.ts";
import { findFolder } from "../../server/compose.ts";
import { findServer } from "../../server/data-server.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import type { Run } from "../command.ts";

export const run: Run = async (cli) => {
  const folder = await findFolder(cli.folder, cli.environment["TOCSIN_DATA"]);
  const server = await findServer(folder);
  if (!server) throw new TocsinError("unavailable", "no server runs here: tocsin serve");
  const api = await cli.api();
  const { path } = answer<{ path: string }>(await api.post("sign-in-link", {}));
  show(cli, { link: `${server.url}${path}` }, ({ link }) => link);
  return 0;
};
