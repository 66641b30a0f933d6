// A command line becomes one command's run, and every end of it an exit status that tells the truth.
import { userInfo } from "node:os";
import { EXIT_STATUS, TocsinError } from "../core/errors.ts";
import type { Cli, Environment } from "./cli.ts";
import type { Client } from "./client.ts";
import type { Command } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { helpOf, overview, usageOf } from "./help.ts";
import { progressBars, type Terminal, terminalOf } from "./terminal.ts";
import { findCommand, readTyped, UsageError } from "./typed.ts";

const BUG = 1;
const MISTYPED = 2;

/** @returns the exit status: 0, or what `EXIT_STATUS` has for the error, 2 for a mistyped command, 1 for a bug of ours */
export async function main(words: readonly string[], environment: Environment): Promise<number> {
  const terminal = terminalOf(process.stdout, environment);
  const command = findCommand(COMMANDS, words);
  if (!command) return withoutCommand(words, terminal);
  if (words.includes("--help") || words.includes("-h")) {
    process.stdout.write(`${helpOf(command, terminal)}\n`);
    return 0;
  }
  try {
    return await runCommand(command, words, { environment, terminal });
  } catch (error) {
    return explain(error, command, words.includes("--json"));
  }
}

type Around = { environment: Environment; terminal: Terminal };

async function runCommand(
  command: Command,
  words: readonly string[],
  { environment, terminal }: Around,
): Promise<number> {
  const typed = readTyped(command, words);
  const quiet = typed.options["quiet"] === true;
  const bars = progressBars(process.stderr);
  const signal = endOnSignal();
  let client: Promise<Client> | undefined;
  const actor = environment["TOCSIN_ACTOR"] ?? userInfo().username;
  const folder =
    typeof typed.options["folder"] === "string" ? typed.options["folder"] : process.cwd();
  const progress = quiet ? () => {} : bars.progress;
  const cli: Cli = {
    terminal,
    quiet,
    folder,
    environment,
    signal,
    actor,
    json: typed.options["json"] === true,
    api: async () => {
      client ??= import("./connect.ts").then(
        async ({ connect }) => await connect({ folder, environment, actor, progress, signal }),
      );
      return await client;
    },
    out: (text) => {
      bars.end();
      process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
    },
    note: (text) => {
      bars.end();
      if (!quiet) process.stderr.write(`${text}\n`);
    },
  };
  try {
    const { run } = await command.load();
    return await run(cli, typed);
  } finally {
    bars.end();
    await (await client?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }
}

// The first signal drains, the second kills.
function endOnSignal(): AbortSignal {
  const ending = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => {
      ending.abort(new TocsinError("canceled", "interrupted"));
      process.once(name, () => process.exit(EXIT_STATUS.canceled));
    });
  }
  return ending.signal;
}

function withoutCommand(words: readonly string[], terminal: Terminal): number {
  const typed = words.filter((word) => !word.startsWith("-"));
  if (typed.length === 0) {
    process.stdout.write(`${overview(COMMANDS, terminal)}\n`);
    return words.length === 0 || words.includes("--help") || words.includes("-h") ? 0 : MISTYPED;
  }
  const near = COMMANDS.filter((command) => command.path.startsWith(`${typed[0]} `)).map(
    (command) => command.path,
  );
  const hint = near.length > 0 ? `one of: ${near.join(", ")}` : "tocsin --help lists the commands";
  process.stderr.write(`tocsin: there is no command ${typed.join(" ")}; ${hint}\n`);
  return MISTYPED;
}

function explain(error: unknown, command: Command, json: boolean): number {
  if (error instanceof UsageError) {
    process.stderr.write(`tocsin ${command.path}: ${error.message}\nusage: ${usageOf(command)}\n`);
    return MISTYPED;
  }
  if (!(error instanceof TocsinError)) {
    process.stderr.write(
      `tocsin: a bug, please report it\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return BUG;
  }
  const { code, message, problems, retryable } = error;
  if (json)
    process.stdout.write(
      `${JSON.stringify({ error: { code, message, retryable, problems } }, undefined, 2)}\n`,
    );
  else process.stderr.write(`tocsin: ${message}\n`);
  const more = problems.filter(({ at }) => !message.startsWith(`${at}: `)); // the only one is the message itself
  if (!json) for (const { at, message: what } of more) process.stderr.write(`  ${at}: ${what}\n`);
  return EXIT_STATUS[code];
}
