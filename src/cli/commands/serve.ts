import { openLog } from "../../core/log.ts";
import { TocsinError } from "../../core/errors.ts";
import { compose, findFolder } from "../../server/compose.ts";
import { text, type Run } from "../command.ts";

const DEFAULT_PORT = 7443;

export const run: Run = async (cli, { options }) => {
  const port = Number(text(options["port"]) ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new TocsinError("invalid", "--port takes a number up to 65535");
  const folder = await findFolder(cli.folder, cli.environment["TOCSIN_DATA"]);
  const log = openLog(cli.quiet ? "silent" : "info");
  await using context = await compose({ ...cli, folder, who: "tocsin serve", log });
  await context.click(); // its lock says early that another process has the folder
  const { serve } = await import("../../server/serve.ts");
  await serve(context, {
    port,
    work: options["no-work"] !== true,
    onReady: ({ url, link }) => {
      if (cli.json) cli.out(JSON.stringify({ url, link, pid: process.pid }));
      else
        cli.out(
          `Tocsin serves ${folder.root} at ${url}\nSign in once, within ten minutes: ${link}`,
        );
    },
  });
  return 0;
};
