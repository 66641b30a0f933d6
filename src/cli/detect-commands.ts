import { ACCOUNTS_COMMANDS } from "./accounts-commands.ts";
import type { Command } from "./command.ts";
import { FINDINGS_COMMANDS } from "./findings-commands.ts";
import { LOGS_COMMANDS } from "./logs-commands.ts";

export const DETECT_COMMANDS: readonly Command[] = [
  {
    path: "detect",
    group: "Detect",
    summary: "run Sigma rules over logs and print what they find; needs no tocsin.yaml",
    more: "Findings are OCSF Detection Findings (class 2004), one a line; on a terminal a table. The format of each log is told by its content.",
    args: [
      { name: "logs", about: "files, folders, patterns, or - for standard input", rest: true },
    ],
    options: [
      {
        name: "rules",
        value: "DIR",
        about: "files or folders of rules, with commas between; Tocsin's own by default",
      },
      { name: "placeholders", value: "FILE", about: "the values of %placeholders%, as a YAML map" },
      { name: "format", value: "NAME", about: "of all logs, where their content does not tell it" },
      {
        name: "zone",
        value: "ZONE",
        about: "of times that name none: Europe/Paris; UTC by default",
      },
    ],
    load: () => import("./commands/detect.ts"),
  },
  {
    path: "rules check",
    group: "Detect",
    summary: "read Sigma rules and say what is wrong with them, and where",
    more: "Works without tocsin.yaml. Ends with 65 where there is an error. How a rule is written: docs/rules.md",
    args: [
      {
        name: "paths",
        about: "files and folders of rules; here by default",
        optional: true,
        rest: true,
      },
    ],
    options: [
      { name: "placeholders", value: "FILE", about: "the values of %placeholders%, as a YAML map" },
    ],
    load: () => import("./commands/rules-check.ts"),
  },
  {
    path: "rules test",
    group: "Detect",
    summary: "run rules over the fixtures beside them and say which do not find what they should",
    more: "Works without tocsin.yaml; ends with 65 where something fails. Where fixtures stand: docs/rules.md. `tocsin rules explain` shows why.",
    args: [
      {
        name: "paths",
        about: "files and folders of rules; here by default",
        optional: true,
        rest: true,
      },
    ],
    options: [
      { name: "placeholders", value: "FILE", about: "the values of %placeholders%, as a YAML map" },
    ],
    load: () => import("./commands/rules-test.ts"),
  },
  {
    path: "rules explain",
    group: "Detect",
    summary: "show the SQL that a rule becomes, for each format whose events it is for",
    more: "Works without tocsin.yaml. A correlation is shown with the rules that it refers to.",
    args: [{ name: "rule", about: "its id, its name, or the file that it stands in" }],
    options: [
      {
        name: "rules",
        value: "DIR",
        about: "files or folders of rules, with commas between; Tocsin's own by default",
      },
      { name: "format", value: "NAME", about: "only for events of this format" },
      { name: "placeholders", value: "FILE", about: "the values of %placeholders%, as a YAML map" },
    ],
    load: () => import("./commands/rules-explain.ts"),
  },
  ...LOGS_COMMANDS,
  ...FINDINGS_COMMANDS,
  ...ACCOUNTS_COMMANDS,
];
