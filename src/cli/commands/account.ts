import { minute } from "../../accounts/activity.ts";
import { lineWords, placeWords } from "../../accounts/line-words.ts";
import type { AccountLine, AccountShown } from "../../accounts/show-account.ts";
import { TRAIT_KINDS, type TraitKind } from "../../accounts/traits.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { type Run, text } from "../command.ts";
import { instant } from "../instant.ts";
import { printable } from "../list-findings.ts";
import { renderSearched } from "../render-searched.ts";
import { number, table, type Terminal } from "../terminal.ts";

const MOST_TRAITS = 10;

export const run: Run = async (cli, { args, options }) => {
  const api = await cli.api();
  const account = answer<AccountShown>(
    await api.post("account", {
      who: args["who"],
      from: instant(text(options["from"])),
      to: instant(text(options["to"])),
      after: text(options["after"]),
      limit: text(options["limit"]),
      why: text(options["why"]),
    }),
  );
  show(cli, account, (one) => render(one, cli.terminal));
  return 0;
};

function render(account: AccountShown, terminal: Terminal): string {
  const reach = {
    searched: account.searched,
    timeless: account.timeless,
    of: "accounts",
    unregistered: 0,
  } as const;
  const next = account.next === undefined ? [] : [terminal.dim(`more: --after ${account.next}`)];
  return [
    head(account, terminal),
    ...TRAIT_KINDS.flatMap((kind) => traits(account, kind, terminal)),
    ...(account.lines.length === 0 ? [] : [lines(account, terminal)]),
    ...next,
    renderSearched(reach, account.sources, terminal),
  ].join("\n\n");
}

function head(account: AccountShown, terminal: Terminal): string {
  const { events, from, to, first, last, searched, spellings } = account;
  const span = `${minute(from)} to ${minute(to)}`;
  const seen =
    events === 0
      ? `not seen in ${number(searched.sourceCount)} sources from ${span}`
      : `${number(events)} events from ${span} · first ${minute(first ?? "")} · last ${minute(last ?? "")}`;
  const as = printable(spellings.map((one) => one.text).join(", "));
  return [
    nameOf(account, terminal),
    seen,
    ...(as === "" ? [] : [terminal.dim(`in the logs as ${as}`)]),
  ].join("\n");
}

function nameOf({ who, registry, account, identifiers }: AccountShown, terminal: Terminal): string {
  if (registry === undefined)
    return `${terminal.bold(printable(who))} ${terminal.dim("(in no registry: what the logs call so)")}`;
  const others = identifiers.filter(({ kind }) => kind !== "key").map(({ value }) => value);
  return terminal.bold(printable([`${registry}/${account ?? ""}`, ...others].join(" · ")));
}

const TITLE = {
  address: "Addresses",
  token: "Tokens and sessions",
  agent: "Programs",
} as const satisfies Record<TraitKind, string>;

function traits(account: AccountShown, kind: TraitKind, terminal: Terminal): string[] {
  const own = account.traits.filter((one) => one.kind === kind);
  if (own.length === 0) return [];
  const names = [TITLE[kind], "events", "sign-ins", "refused", "first seen", "last seen", "", ""];
  const rows = own
    .slice(0, MOST_TRAITS)
    .map((one) => [
      `  ${printable(one.value)}`,
      number(one.events),
      one.signIns === 0 ? "" : number(one.signIns),
      one.refused === 0 ? "" : number(one.refused),
      minute(one.first),
      minute(one.last),
      one.isNew ? terminal.yellow("new") : "",
      kind === "address" ? terminal.dim(printable(placeWords(account.places[one.value]))) : "",
    ]);
  const more = own.length - rows.length;
  const rest = more > 0 ? [terminal.dim(`  and ${number(more)} more: --json`)] : [];
  const listed = table([names.map((name) => terminal.dim(name)), ...rows], [1, 2, 3]);
  return [[listed, ...rest].join("\n")];
}

function lines(account: AccountShown, terminal: Terminal): string {
  const names = ["UTC", "what", "", "from", "with", "log"].map((name) => terminal.dim(name));
  return table([names, ...account.lines.map((line) => row(line, account, terminal))]);
}

function row(line: AccountLine, { places }: AccountShown, terminal: Terminal): string[] {
  const { first, last, events, source, address, session, isNew, timeless } = line;
  const fresh = (kind: TraitKind): string =>
    isNew.includes(kind) ? ` ${terminal.yellow("new")}` : "";
  const words = printable(lineWords(line));
  const from = [address, places[address]?.country ?? ""].filter((word) => word !== "").join(" ");
  const bad = line.status_id === 2;
  return [
    `${timeless === 0 ? "" : "~"}${first.slice(0, 19).replace("T", " ")}`,
    bad ? terminal.red(words) : words,
    events === 1 ? "" : `×${number(events)} until ${last.slice(11, 19)}`,
    from === "" ? "" : `${printable(from)}${fresh("address")}`,
    withWhat(session, fresh("token"), fresh("agent")),
    terminal.dim(`${printable(source)}:${line.first_place}`),
  ];
}

const SESSION_SHOWN = 20;

function withWhat(session: string, freshToken: string, freshAgent: string): string {
  const cut = session.length > SESSION_SHOWN ? `${session.slice(0, SESSION_SHOWN)}…` : session;
  const token = session === "" ? "" : `${printable(cut)}${freshToken}`;
  return [token, freshAgent === "" ? "" : `program${freshAgent}`]
    .filter((word) => word !== "")
    .join(" · ");
}
