import type { ReportModel } from "../../disclose/report-model.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { printable } from "../list-findings.ts";
import type { Run } from "../command.ts";
import { number, table, type Terminal } from "../terminal.ts";

type Evidence = ReportModel["evidence"];

export const run: Run = async (cli, { args }) => {
  const api = await cli.api();
  const all = answer<Evidence>(await api.get("evidence", { incident: args["incident"] }));
  show(cli, all, () =>
    all.length === 0
      ? "no evidence was taken yet"
      : all.map((one) => render(one, cli.terminal)).join("\n\n"),
  );
  return 0;
};

function render(one: Evidence[number], terminal: Terminal): string {
  const rows =
    one.rows === null ? "" : ` · ${number(one.rows)} rows, ${number(one.setAside ?? 0)} set aside`;
  const head = `${terminal.bold(one.key)} · ${one.kind} · ${number(one.bytes)} bytes${rows}\nsha256 ${one.sha256} · taken ${one.addedAt.slice(0, 16).replace("T", " ")} by ${one.addedBy}`;
  const columns = one.columns.map((column) => [
    `  ${column.column}`,
    column.category ?? "not personal",
    column.how,
  ]);
  const unread = one.unread.map(({ at, reason, detail }) =>
    terminal.yellow(`  !  not read: ${printable(at)}: ${reason}, ${printable(detail)}`),
  );
  return [head, ...(columns.length === 0 ? [] : [table(columns)]), ...unread].join("\n");
}
