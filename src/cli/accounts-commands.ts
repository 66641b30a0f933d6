// The table of commands: what an account did, and whether many did anything.
import type { Command } from "./command.ts";

export const ACCOUNTS_COMMANDS: readonly Command[] = [
  {
    path: "account",
    group: "Detect",
    summary: "one account over all logs: what it did, from where, with what, what is new",
    more: "WHO is any identifier of your registry, REGISTRY/ACCOUNT, or a name as the logs have it. Equal events are one line an hour. New is an address, token or program that the account had not used, though it had others. Each look is in the ledger. docs/account.md",
    args: [{ name: "who", about: "an e-mail address, a user name, an id, customers/17" }],
    options: [
      {
        name: "from",
        value: "TIME",
        about: "from this moment on, with its zone: 2026-11-24T08:00Z",
      },
      { name: "to", value: "TIME", about: "before this moment; until now by default" },
      { name: "limit", value: "N", about: "lines of the timeline; 200 by default, at most 9999" },
      { name: "after", value: "PLACE", about: "the next page: what the last one ended with" },
      { name: "why", value: "TEXT", about: "why you look, for the ledger" },
    ],
    load: () => import("./commands/account.ts"),
  },
  {
    path: "activity",
    group: "Detect",
    summary: "whether any of many accounts or resources was active, and where that cannot be seen",
    more: "Says seen, or not seen in these sources for these hours, never none: with the hours that no source covers and the kinds of event that none records. The result is kept; with --incident it is a note of it, and in its ledger. Without a list: the searches that were made. docs/account.md",
    options: [
      {
        name: "of",
        value: "COHORT",
        about: "a cohort of the incident, or an expression over its cohorts",
      },
      { name: "accounts", value: "FILE", about: "identifiers of accounts, one a line" },
      {
        name: "resources",
        value: "FILE",
        about: "servers, buckets, documents as logs name them, one a line",
      },
      {
        name: "after",
        value: "TIME",
        about: "from this moment on, with its zone: 2026-11-24T08:00Z",
      },
      { name: "before", value: "TIME", about: "until this moment; until now by default" },
      { name: "incident", value: "NAME", about: "whose cohort it is, and which gets the note" },
      { name: "limit", value: "N", about: "of those seen; 100 by default, at most 9999" },
    ],
    load: () => import("./commands/activity.ts"),
  },
];
