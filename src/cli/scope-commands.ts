import type { Command } from "./command.ts";

export const SCOPE_COMMANDS: readonly Command[] = [
  {
    path: "scope",
    group: "Scope",
    summary: "who is in these files, and which of their data; needs no tocsin.yaml",
    more:
      "Reads documents, tables, mail, databases and archives of them by their content, each in a process that can be killed. " +
      "Shows no values: customers by their ids, places by file, sheet and row. With --json a line each document, unread part, column and person.",
    args: [{ name: "files", about: "files, folders or patterns", rest: true }],
    options: [
      { name: "registry", value: "FILE", about: "your customers: CSV, NDJSON or Parquet" },
      {
        name: "key",
        value: "COLUMN",
        about: "the column of their id, where its name does not tell",
      },
      {
        name: "columns",
        value: "FILE",
        about: "what columns hold, as a YAML map: a data category, or ignore",
      },
      { name: "show-values", about: "also the addresses of those who are found" },
    ],
    load: () => import("./commands/scope.ts"),
  },
];
