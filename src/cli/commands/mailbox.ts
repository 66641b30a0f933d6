import { once } from "node:events";
import { resolve } from "node:path";
import { TocsinError } from "../../core/errors.ts";
import { openMailbox } from "../../drills/mailbox.ts";
import { text, type Run } from "../command.ts";

const DEFAULT_PORT = 2525;

export const run: Run = async (cli, { args, options }) => {
  const port = Number(text(options["port"]) ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new TocsinError("invalid", "--port takes a number up to 65535");
  const folder = resolve(args["folder"] ?? "");
  await using mailbox = await openMailbox({
    folder,
    port,
    onMessage: (message) => {
      cli.out(cli.json ? JSON.stringify(message) : message.file);
    },
  });
  cli.note(`takes mail at smtp://127.0.0.1:${mailbox.port} into ${folder}; Ctrl-C ends it`);
  if (!cli.signal.aborted) await once(cli.signal, "abort");
  return 0;
};
