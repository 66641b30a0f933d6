import { parseArgs, type ParseArgsConfig } from "node:util";
import { GLOBAL_OPTIONS } from "./global-options.ts";
import type { Argument, Command, Typed } from "./command.ts";

/** A mistyped command line: exit status 2, with the usage. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The longest command whose words stand at the start. */
export function findCommand(
  commands: readonly Command[],
  words: readonly string[],
): Command | undefined {
  const typed = words.filter((word) => !word.startsWith("-"));
  return commands
    .filter((command) => command.path.split(" ").every((word, place) => typed[place] === word))
    .toSorted((a, b) => b.path.length - a.path.length)[0];
}

/** @throws UsageError for an unknown option, a missing or a superfluous argument */
export function readTyped(command: Command, words: readonly string[]): Typed {
  const config: NonNullable<ParseArgsConfig["options"]> = {};
  for (const option of [...(command.options ?? []), ...GLOBAL_OPTIONS]) {
    config[option.name] = { type: option.value === undefined ? "boolean" : "string" };
  }
  const { values, positionals } = parseOrExplain(words, config);
  const given = positionals.slice(command.path.split(" ").length);
  const options: Record<string, string | true | undefined> = {};
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "string" || value === true) options[name] = value;
  }
  return { ...readArguments(command.args ?? [], given), options };
}

function readArguments(
  wanted: readonly Argument[],
  given: readonly string[],
): Pick<Typed, "args" | "rest"> {
  const missing = wanted.find(
    (argument, place) => !argument.optional && given[place] === undefined,
  );
  if (missing) throw new UsageError(`${missing.name.toUpperCase()} is missing: ${missing.about}`);
  const args = Object.fromEntries(wanted.map((argument, place) => [argument.name, given[place]]));
  if (wanted.at(-1)?.rest) return { args, rest: given.slice(wanted.length - 1) };
  const superfluous = given[wanted.length];
  if (superfluous !== undefined) throw new UsageError(`what is ${superfluous}?`);
  return { args, rest: [] };
}

function parseOrExplain(
  words: readonly string[],
  options: NonNullable<ParseArgsConfig["options"]>,
) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(
      error instanceof Error ? (error.message.split(". To specify")[0] ?? "") : String(error),
    );
  }
}
