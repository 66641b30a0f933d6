// The table of commands: mail that comes in.
import type { Command } from "./command.ts";

export const MAIL_COMMANDS: readonly Command[] = [
  {
    path: "mail read",
    group: "Plan and apply",
    summary: "take in bounces, complaints and DMARC reports from files, each message once",
    more: "Files are messages, mboxes, Maildirs or folders of these; - is one message on standard input, as a pipe of Postfix gives it (docs/mail.md). Then: tocsin mail, tocsin run show INCIDENT/NUMBER",
    args: [{ name: "files", about: "files and folders, or - for standard input", rest: true }],
    options: [{ name: "name", value: "NAME", about: "what to call where they come from" }],
    load: () => import("./commands/mail-read.ts"),
  },
  {
    path: "mail",
    group: "Plan and apply",
    summary: "what came in by mail, by kind, and what could not be read",
    options: [
      {
        name: "kind",
        value: "KIND",
        about: "list the messages of this kind: bounce, complaint, letter, …",
      },
      { name: "limit", value: "N", about: "at most; 100 by default" },
    ],
    load: () => import("./commands/mail.ts"),
  },
  {
    path: "mail sources",
    group: "Detect",
    summary: "who sends as us, by what receivers report, and how it stands",
    more: "From DMARC reports. aligned: receivers take it for ours; authenticated: another's signature with our name; unauthenticated: neither. A new one is a finding",
    options: [
      { name: "domain", value: "DOMAIN", about: "only of this domain of ours" },
      { name: "standing", value: "STANDING", about: "aligned, authenticated or unauthenticated" },
    ],
    load: () => import("./commands/mail-sources.ts"),
  },
  {
    path: "mail source",
    group: "Detect",
    summary: "what receivers reported of one source, record by record",
    args: [
      {
        name: "sender",
        about: "as tocsin mail sources names it: dkim example.cloud s1",
        rest: true,
      },
    ],
    options: [{ name: "domain", value: "DOMAIN", about: "only of this domain of ours" }],
    load: () => import("./commands/mail-source.ts"),
  },
  {
    path: "letters",
    group: "Plan and apply",
    summary:
      "whom notices did not reach, for another channel (personal data: the ledger keeps who looked)",
    more: "With --csv FILE for a printer: cells that a spreadsheet would run are made text",
    args: [{ name: "incident", about: "the incident's name" }],
    options: [
      { name: "only", value: "FATE", about: "unreachable or refused; both by default" },
      { name: "csv", value: "FILE", about: "write them there; it must not exist yet" },
    ],
    load: () => import("./commands/letters.ts"),
  },
];
