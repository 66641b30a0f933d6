import type { Command } from "./command.ts";
import { FINDINGS_COMMANDS } from "./findings-commands.ts";

export const DETECT_COMMANDS: readonly Command[] = [
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
  ...FINDINGS_COMMANDS,
];
