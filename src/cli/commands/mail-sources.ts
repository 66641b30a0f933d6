import type { MailSources } from "../../incidents/inbox/mail-sources.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { printable } from "../list-findings.ts";
import { number, table, type Terminal } from "../terminal.ts";

export const run: Run = async (cli, { options }) => {
  const api = await cli.api();
  const sources = answer<MailSources>(
    await api.get("mail-sources", {
      domain: text(options["domain"]),
      standing: text(options["standing"]),
    }),
  );
  show(cli, sources, (one) => rendered(one, cli.terminal));
  return 0;
};

function rendered({ sources, reports }: MailSources, terminal: Terminal): string {
  if (reports.length === 0)
    return "no report came in: tocsin mail read FILE, or mail.reports in tocsin.yaml";
  const rows = sources.map((one) => [
    one.domain,
    one.standing === "aligned" ? one.standing : terminal.yellow(one.standing),
    printable(one.sender),
    number(one.messages),
    one.learnt ? "" : terminal.yellow("new"),
    `${day(one.first_at)} to ${day(one.last_at)}`,
    terminal.dim(one.addresses.slice(0, 3).join(" ")),
  ]);
  const told = reports.map(
    ({ kind, domain, reports: many, reporters, messages, failed, bad }) =>
      `${domain}: ${number(many)} ${kind} reports of ${number(reporters)} reporters, ${number(messages)} ${kind === "tls" ? "sessions" : "messages"}, ` +
      `${number(failed)} failed${bad > 0 ? `, ${number(bad)} records unreadable` : ""}`,
  );
  return [
    ...(rows.length > 0 ? [table(rows), ""] : []),
    ...told.map((line) => terminal.dim(line)),
  ].join("\n");
}

function day(at: Date | string): string {
  return String(at).slice(0, 10);
}
