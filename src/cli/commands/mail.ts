import type { MailListed } from "../../incidents/inbox/list-mail.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { printable } from "../list-findings.ts";
import { number, table, type Terminal } from "../terminal.ts";

export const run: Run = async (cli, { options }) => {
  const api = await cli.api();
  const listed = answer<MailListed>(
    await api.get("mail", { kind: text(options["kind"]), limit: text(options["limit"]) }),
  );
  show(cli, listed, (one) => rendered(one, cli.terminal));
  return 0;
};

function rendered({ counts, messages }: MailListed, terminal: Terminal): string {
  if (counts.length === 0) return "nothing came in: tocsin mail read FILE";
  const rows = counts.map(({ kind, messages: many, matched, last }) => [
    kind,
    number(many),
    matched > 0 ? `${number(matched)} about notices of ours` : "",
    terminal.dim(`last ${String(last).slice(0, 16)}`),
  ]);
  const lines = messages.map(({ identity, source, trouble, received_at: at }) => [
    terminal.dim(String(at).slice(0, 16)),
    identity.slice(0, 12),
    printable(source),
    printable(trouble ?? ""),
  ]);
  return [table(rows), ...(lines.length > 0 ? ["", table(lines)] : [])].join("\n");
}
