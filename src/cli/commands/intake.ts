import { text as readAll } from "node:stream/consumers";
import type { TakenIn } from "../../incidents/intake.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { instant } from "../instant.ts";

export const run: Run = async (cli, { args, options, rest }) => {
  const api = await cli.api();
  const says = rest.join(" ");
  const taken = answer<TakenIn>(
    await api.post("intake", {
      incident: args["incident"],
      reporter: text(options["from"]),
      name: text(options["name"]),
      contact: text(options["contact"]),
      received: instant(text(options["received"])),
      title: text(options["title"]),
      says: says === "-" || says === "" ? await readAll(process.stdin) : says,
    }),
  );
  show(cli, taken, (one) =>
    one.opened
      ? `opened ${one.incident}, ${one.state}: next, tocsin new ${one.incident}`
      : `on record in ${one.incident}, ${one.state}`,
  );
  return 0;
};
