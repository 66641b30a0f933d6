import type { Command } from "./command.ts";
import { GLOBAL_OPTIONS } from "./global-options.ts";

/** A script for the shell; undefined for a shell that we make none for. */
export function completionFor(shell: string, commands: readonly Command[]): string | undefined {
  switch (shell) {
    case "bash":
      return bash(commands);
    case "zsh":
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
    case "fish":
      return fish(commands);
    default:
      return undefined;
  }
}

function optionsOf(command: Command): string[] {
  return [...(command.options ?? []), ...GLOBAL_OPTIONS].map((option) => `--${option.name}`);
}

function bash(commands: readonly Command[]): string {
  const firsts = [...new Set(commands.map((command) => command.path.split(" ")[0]))];
  const cases = firsts.map((first) => {
    const own = commands.filter((command) => command.path.split(" ")[0] === first);
    const seconds = own.flatMap((command) => command.path.split(" ").slice(1));
    const words = [...new Set([...seconds, ...own.flatMap(optionsOf)])];
    return `    ${first}) words="${words.join(" ")}" ;;`;
  });
  return [
    "_tocsin() {",
    '  local cur="${COMP_WORDS[COMP_CWORD]}" words',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W "${firsts.join(" ")}" -- "$cur")); return`,
    "  fi",
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    "  esac",
    '  COMPREPLY=($(compgen -W "$words $(ls incidents 2>/dev/null)" -- "$cur"))',
    "}",
    "complete -o default -F _tocsin tocsin",
  ].join("\n");
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", String.raw`\'`)}'`;
}

function fish(commands: readonly Command[]): string {
  return commands
    .flatMap((command) => {
      const [first = "", second] = command.path.split(" ");
      const where =
        second === undefined ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${first}`;
      const options = (command.options ?? []).map(
        (option) =>
          `complete -c tocsin -n ${quoted(`__fish_seen_subcommand_from ${first}`)} -l ${option.name}${option.value === undefined ? "" : " -r"} -d ${quoted(option.about)}`,
      );
      return [
        `complete -c tocsin -n ${quoted(where)} -a ${second ?? first} -d ${quoted(command.summary)}`,
        ...options,
      ];
    })
    .join("\n");
}
