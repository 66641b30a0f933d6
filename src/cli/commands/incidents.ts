import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import type { Run } from "../command.ts";
import { table } from "../terminal.ts";

type Row = { name: string; title: string; state: string; lead: string; opened_at: string };

export const run: Run = async (cli) => {
  const api = await cli.api();
  const rows = answer<Row[]>(await api.get("incidents"));
  show(cli, rows, () =>
    rows.length === 0
      ? "there is no incident; tocsin new NAME starts one"
      : table(
          rows.map((row) => [
            row.name,
            row.state,
            row.lead,
            row.opened_at.slice(0, 16).replace("T", " "),
            row.title,
          ]),
        ),
  );
  return 0;
};
