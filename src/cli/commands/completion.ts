import { TocsinError } from "../../core/errors.ts";
import type { Run } from "../command.ts";
import { COMMANDS } from "../commands.ts";
import { completionFor } from "../completion.ts";

export const run: Run = async (cli, { args }) => {
  const script = completionFor(args["shell"] ?? "", COMMANDS);
  if (script === undefined)
    throw new TocsinError("invalid", "completion is made for bash, zsh and fish");
  cli.out(script);
  return 0;
};
