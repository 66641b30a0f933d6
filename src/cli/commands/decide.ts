import type { Decided } from "../../incidents/decide.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { instant } from "../instant.ts";

export const run: Run = async (cli, { args, options }) => {
  const api = await cli.api();
  const ends = text(options["ends"]);
  const facts = text(options["facts"]);
  const decided = answer<Decided>(
    await api.post("decide", {
      incident: args["incident"],
      what: args["what"],
      because: text(options["because"]),
      at: instant(text(options["at"])),
      second: text(options["second"]),
      to: text(options["to"]),
      ...(ends === undefined ? {} : { ends: Number(ends) }),
      ...(facts === undefined ? {} : { facts: facts.split(",") }),
    }),
  );
  show(
    cli,
    decided,
    (one) => `decision ${one.number}: ${one.what} · ${one.incident} is ${one.state}`,
  );
  return 0;
};
