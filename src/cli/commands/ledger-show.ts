import type { ShownEntry } from "../../ledger/show-ledger.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { table } from "../terminal.ts";

export const run: Run = async (cli, { options }) => {
  const api = await cli.api();
  const [incident, after] = [text(options["incident"]), text(options["after"])];
  const limit = Number(text(options["limit"]) ?? 100);
  const entries = answer<ShownEntry[]>(
    await api.post("ledger-show", {
      limit,
      ...(incident === undefined ? {} : { incident }),
      ...(after === undefined ? {} : { after }),
    }),
  );
  show(cli, entries, () =>
    table(
      entries.map((one) => [
        one.entry,
        one.at.slice(0, 19).replace("T", " "),
        one.actor,
        one.kind,
        one.members === null ? "" : `${one.members} members`,
      ]),
    ),
  );
  return 0;
};
