import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Activity, minute, reachOf, verdictOf } from "../../accounts/activity.ts";
import type { ActivityListed } from "../../accounts/list-activity.ts";
import { TocsinError } from "../../core/errors.ts";
import { answer } from "../answer.ts";
import { type Cli, show } from "../cli.ts";
import { type Run, text, type Typed } from "../command.ts";
import { instant } from "../instant.ts";
import { printable } from "../list-findings.ts";
import { renderSearched } from "../render-searched.ts";
import { number, table, type Terminal } from "../terminal.ts";

export const run: Run = async (cli, { options }) => {
  const api = await cli.api();
  const incident = text(options["incident"]);
  if (!["of", "accounts", "resources"].some((name) => options[name] !== undefined)) {
    const searches = answer<ActivityListed[]>(await api.get("activity-searches", { incident }));
    show(cli, searches, (all) => renderList(all, cli.terminal));
    return 0;
  }
  const after = instant(text(options["after"]));
  if (after === undefined)
    throw new TocsinError("invalid", "from when on? --after TIME, such as 2026-11-24T08:00:00Z");
  const activity = answer<Activity>(
    await api.post("activity", {
      cohort: text(options["of"]),
      accounts: await listOf(cli, options["accounts"]),
      resources: await listOf(cli, options["resources"]),
      after,
      before: instant(text(options["before"])),
      incident,
      limit: text(options["limit"]),
    }),
  );
  show(cli, activity, (one) => render(one, cli.terminal));
  return 0;
};

/** One a line; blank lines are left out. */
async function listOf(cli: Cli, option: Typed["options"][string]): Promise<string[] | undefined> {
  const path = text(option);
  if (path === undefined) return undefined;
  const read = await readFile(resolve(cli.folder, path), "utf8").catch((cause: unknown) => {
    throw new TocsinError("not_found", `${path} cannot be read`, { cause });
  });
  const lines = read.split(/\r?\n/).map((line) => line.replace(/^\uFEFF/, "").trim());
  return lines.filter((line) => line !== "");
}

function renderList(searches: readonly ActivityListed[], terminal: Terminal): string {
  if (searches.length === 0)
    return "nothing was searched: tocsin activity --of COHORT --incident NAME --after TIME";
  const head = ["searched", "by", "from", "to", "", ""].map((name) => terminal.dim(name));
  const rows = searches.map(({ at, by, from, to, verdict, incident }) => [
    minute(at),
    printable(by),
    minute(from),
    minute(to),
    printable(verdict),
    terminal.dim(incident ?? ""),
  ]);
  return table([head, ...rows]);
}

function render(activity: Activity, terminal: Terminal): string {
  const { lookedFor, searched, things, families, seen } = activity;
  const own: Record<string, number> = {};
  for (const { source, events } of families) own[source] = (own[source] ?? 0) + events;
  const verdict = verdictOf(activity);
  const more = seen - things.length;
  return [
    [
      terminal.bold(seen === 0 ? verdict : terminal.red(verdict)),
      `${minute(searched.from)} to ${minute(searched.to)} · ${number(searched.events)} events searched`,
      ...notesOf(lookedFor).map((note) => terminal.dim(note)),
    ].join("\n"),
    ...(things.length === 0 ? [] : [seenTable(activity, terminal)]),
    ...(more > 0 ? [terminal.dim(`and ${number(more)} more: --limit, --json`)] : []),
    renderSearched(reachOf(activity), own, terminal),
    terminal.dim(`kept as ${activity.id}, also on the page /activity of tocsin serve`),
  ].join("\n\n");
}

function notesOf({ plain, ambiguous }: Activity["lookedFor"]): string[] {
  return [
    ...(plain === 0 ? [] : [`${number(plain)} in no registry: looked for as they are`]),
    ...(ambiguous === 0
      ? []
      : [`${number(ambiguous)} identifiers of several accounts: all of those were looked for`]),
  ];
}

function seenTable({ things, lookedFor }: Activity, terminal: Terminal): string {
  const resources = lookedFor.as === "resources";
  const head = [
    resources ? "Seen" : "Seen, by account",
    "events",
    resources ? "by" : "did itself",
    "sign-ins",
    "first",
    "last",
    "what",
    "from",
  ].map((name) => terminal.dim(name));
  const rows = things.map((one) => [
    printable(one.thing),
    number(one.events),
    resources ? printable(one.others.join(", ")) : number(one.did),
    one.signIns === 0 ? "" : number(one.signIns),
    minute(one.first),
    minute(one.last),
    one.families.join(", "),
    printable(one.addresses.join(", ")),
  ]);
  return table([head, ...rows], resources ? [1, 3] : [1, 2, 3]);
}
