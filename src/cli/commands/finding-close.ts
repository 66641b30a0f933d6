import type { ClosedFinding } from "../../detect/findings/close-finding.ts";
import { TocsinError } from "../../core/errors.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";

export const run: Run = async (cli, { args, options }) => {
  const because = text(options["because"]);
  if (because === undefined) throw new TocsinError("invalid", "say what it was: --because TEXT");
  const api = await cli.api();
  const closed = answer<ClosedFinding>(
    await api.post("close-finding", { uid: args["uid"], because }),
  );
  show(cli, closed, ({ uid, title }) => `closed ${uid.slice(0, 8)}: ${title}`);
  return 0;
};
