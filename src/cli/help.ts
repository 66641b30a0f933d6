import { type Command, GROUPS } from "./command.ts";
import { GLOBAL_OPTIONS } from "./global-options.ts";
import type { Terminal } from "./terminal.ts";

export function overview(commands: readonly Command[], terminal: Terminal): string {
  const width = Math.max(...commands.map((command) => command.path.length)) + 3;
  const groups = GROUPS.map((group) => {
    const rows = commands
      .filter((command) => command.group === group)
      .map((command) => `  ${command.path.padEnd(width)}${command.summary}`);
    return `${terminal.bold(group)}\n${rows.join("\n")}`;
  });
  return [
    "tocsin: takes a breach from its first sign to the last customer told, and proves what was done.",
    "",
    `${terminal.bold("See it work")}      tocsin drill docker-hub-2019`,
    `${terminal.bold("A first incident")} tocsin init · tocsin registry refresh · tocsin new NAME · tocsin plan NAME · tocsin approve DIGEST · tocsin apply DIGEST`,
    "",
    groups.join("\n\n"),
    "",
    "tocsin COMMAND --help explains one. --json gives every result as JSON.",
  ].join("\n");
}

export function usageOf(command: Command): string {
  const args = (command.args ?? []).map((argument) => {
    const name = `${argument.name.toUpperCase()}${argument.rest ? "…" : ""}`;
    return argument.optional ? `[${name}]` : name;
  });
  const options = (command.options ?? []).length > 0 ? ["[OPTIONS]"] : [];
  return ["tocsin", command.path, ...args, ...options].join(" ");
}

export function helpOf(command: Command, terminal: Terminal): string {
  const rows = [
    ...(command.args ?? []).map(
      (argument) => [argument.name.toUpperCase(), argument.about] as const,
    ),
    ...[...(command.options ?? []), ...GLOBAL_OPTIONS].map(
      (option) =>
        [
          `--${option.name}${option.value === undefined ? "" : ` ${option.value}`}`,
          option.about,
        ] as const,
    ),
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 3;
  return [
    terminal.bold(usageOf(command)),
    "",
    `${command.summary[0]?.toUpperCase() ?? ""}${command.summary.slice(1)}.`,
    ...(command.more === undefined ? [] : [command.more]),
    "",
    ...rows.map(([name, about]) => `  ${name.padEnd(width)}${about}`),
  ].join("\n");
}
