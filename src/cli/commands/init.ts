import { relative, resolve } from "node:path";
import { initOrganisation } from "../../config/init-organisation.ts";
import { show } from "../cli.ts";
import type { Run } from "../command.ts";

export const run: Run = async (cli, { args }) => {
  const folder = resolve(cli.folder, args["folder"] ?? ".");
  const made = await initOrganisation(folder);
  const where = relative(cli.folder, folder) || ".";
  show(cli, made, ({ files }) =>
    [
      ...files.map((file) => `${where === "." ? "" : `${where}/`}${file}`),
      `Say in tocsin.yaml whose accounts you hold, then: ${where === "." ? "" : `cd ${where} && `}tocsin check`,
    ].join("\n"),
  );
  return 0;
};
