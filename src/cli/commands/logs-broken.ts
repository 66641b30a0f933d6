import type { BrokenRecord } from "../../logs/sources/list-broken.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { printable } from "../list-findings.ts";

export const run: Run = async (cli, { args, options }) => {
  const api = await cli.api();
  const source = args["source"] ?? "";
  const after = text(options["after"]);
  const limit = text(options["limit"]);
  const broken = answer<BrokenRecord[]>(
    await api.get("broken-records", {
      source,
      ...(after === undefined ? {} : { after }),
      ...(limit === undefined ? {} : { limit }),
    }),
  );
  show(cli, broken, (all) =>
    all.length === 0
      ? "none"
      : all
          .map(
            ({ place, reason, bytes }) =>
              `${printable(source)}:${place}: ${reason} (${bytes} bytes)`,
          )
          .join("\n"),
  );
  return 0;
};
