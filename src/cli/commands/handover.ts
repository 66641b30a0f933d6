import type { HandoverPage } from "../../incidents/handover.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { duration, type Terminal } from "../terminal.ts";

export const run: Run = async (cli, { args, options }) => {
  const api = await cli.api();
  const { incident } = args;
  const to = text(options["to"]);
  const page = answer<HandoverPage>(
    to === undefined
      ? await api.get("handover-page", { incident })
      : await api.post("handover", { incident, to }),
  );
  show(cli, page, () => render(page, cli.terminal));
  return 0;
};

function render(page: HandoverPage, terminal: Terminal): string {
  const at = `${page.at.slice(0, 16).replace("T", " ")} UTC`;
  const next = page.next.map((clock) => {
    const when =
      clock.due === null
        ? "without undue delay"
        : dueIn(Date.parse(clock.due) - Date.parse(page.at));
    const lacks = clock.lacks.length > 0 ? `, lacks ${clock.lacks.join("; ")}` : "";
    return `${when}: ${clock.duty}, tell ${clock.tell}${lacks}`;
  });
  return [
    `${terminal.bold(page.incident)} · ${at} · ${page.state} · lead ${page.lead}`,
    page.title,
    "",
    ...section("Since last", page.changed),
    ...section(
      "Decided",
      page.decided.map(
        (one) => `${one.what}, because ${one.because} (decision ${one.number}, ${one.by})`,
      ),
    ),
    ...section(
      "Notes",
      page.notes.map((one) => `${one.says} (${one.by})`),
    ),
    ...section("Open", page.open),
    ...section("Unsure", page.unsure),
    ...section("Next", next),
    ...section(
      "Linked",
      page.linked.map((one) => `${one.incident}: ${one.because}`),
    ),
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return lines.map((line, place) => `${(place === 0 ? title : "").padEnd(12)}${line}`);
}

function dueIn(ms: number): string {
  return ms < 0 ? `OVERDUE by ${duration(-ms)}` : `in ${duration(ms)}`;
}
