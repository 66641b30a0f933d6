// The table of commands: logs into events, and what is there of them.
import type { Command } from "./command.ts";

export const LOGS_COMMANDS: readonly Command[] = [
  {
    path: "ingest",
    group: "Detect",
    summary: "read logs into events, once; what was there of each file is replaced",
    more: "Without a path: what tocsin.yaml names under logs. Plain, gzip, zstd and bzip2; the format is told by the content (docs/logs.md). Then: tocsin logs",
    args: [
      {
        name: "logs",
        about: "files, folders, patterns, s3://BUCKET/PREFIX, or - for standard input",
        optional: true,
        rest: true,
      },
    ],
    options: [
      { name: "log", value: "NAME", about: "the log of tocsin.yaml that they are of" },
      {
        name: "format",
        value: "NAME",
        about: "of all of them, where their content does not tell it",
      },
      {
        name: "zone",
        value: "ZONE",
        about: "of times that name none: Europe/Paris; UTC by default",
      },
      { name: "name", value: "NAME", about: "what to call standard input" },
    ],
    load: () => import("./commands/ingest.ts"),
  },
  {
    path: "logs",
    group: "Detect",
    summary: "what was taken in: sources, the hours that they cover, and their gaps",
    options: [{ name: "log", value: "NAME", about: "only of this log of tocsin.yaml" }],
    load: () => import("./commands/logs.ts"),
  },
  {
    path: "logs broken",
    group: "Detect",
    summary: "list the records of a source that could not be read, with the reason",
    args: [{ name: "source", about: "as tocsin logs names it" }],
    options: [
      { name: "after", value: "PLACE", about: "only places after this one" },
      { name: "limit", value: "N", about: "at most; 1,000 by default" },
    ],
    load: () => import("./commands/logs-broken.ts"),
  },
];
