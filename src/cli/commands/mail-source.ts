import type { SourceRecord } from "../../incidents/inbox/mail-source.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { printable } from "../list-findings.ts";
import { number, table } from "../terminal.ts";

export const run: Run = async (cli, { options, rest }) => {
  const sender = rest.join(" ");
  const api = await cli.api();
  const records = answer<SourceRecord[]>(
    await api.get("mail-source", { sender, domain: text(options["domain"]) }),
  );
  show(cli, records, () => table(records.map(row)));
  return 0;
};

function row(one: SourceRecord): string[] {
  const { begin, reporter, source, messages, disposition, header_from: from, dkim, spf } = one;
  const cells = [
    begin.slice(0, 10),
    reporter,
    source,
    from,
    disposition,
    dkim.join(" "),
    spf.join(" "),
  ];
  return [...cells.slice(0, 3), number(messages), ...cells.slice(3)].map((cell) => printable(cell));
}
