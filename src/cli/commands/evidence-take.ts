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
  return [
    one.key,
    one.fresh ? "taken" : "there already",
    `${number(one.bytes)} bytes`,
    `sha256 ${one.sha256}`,
    foundIn(one),
  ];
}

function foundIn({ rows, matched, records, broken, findings }: TakenEvidence): string {
  if (rows !== undefined) return `${number(rows)} rows, ${number(matched ?? 0)} are somebody's`;
  if (records === undefined) return "";
  return `${number(records)} records, ${number(broken ?? 0)} broken, ${number(findings ?? 0)} findings`;
}
