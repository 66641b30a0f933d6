import type { TakenEvidence } from "../../incidents/take-evidence.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import type { Run } from "../command.ts";
import { number, table } from "../terminal.ts";

export const run: Run = async (cli, { args }) => {
  const api = await cli.api();
  const { incident, key } = args;
  const taken = answer<TakenEvidence[]>(
    await api.post("take-evidence", { incident, ...(key === undefined ? {} : { key }) }),
  );
  show(cli, taken, () => table(taken.map(row), [2]));
  return 0;
};

function row(one: TakenEvidence): string[] {
  const rows =
    one.rows === undefined
      ? ""
      : `${number(one.rows)} rows, ${number(one.matched ?? 0)} are somebody's`;
  return [
    one.key,
    one.fresh ? "taken" : "there already",
    `${number(one.bytes)} bytes`,
    `sha256 ${one.sha256}`,
    rows,
  ];
}
