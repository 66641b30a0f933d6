import type { SetAside } from "../../registry/set-aside.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { number, table } from "../terminal.ts";

export const run: Run = async (cli, { options }) => {
  const api = await cli.api();
  const limit = text(options["limit"]);
  const rows = answer<SetAside[]>(
    await api.post("registry-set-aside", {
      ...(typeof options["reason"] === "string" ? { reason: options["reason"] } : {}),
      ...(limit === undefined ? {} : { limit: Number(limit) }),
    }),
  );
  show(cli, rows, () =>
    rows.length === 0
      ? "nothing was set aside"
      : table(
          [
            ["registry", "row", "account", "reason", "so it is"],
            ...rows.map((one) => [
              one.registry,
              number(one.row),
              one.account,
              one.reason,
              one.effect,
            ]),
          ],
          [1],
        ),
  );
  return 0;
};
