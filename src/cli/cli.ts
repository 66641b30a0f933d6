// What a command works with: the API, wherever it is, and a terminal.
import type { Client } from "./client.ts";
import type { Terminal } from "./terminal.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export type Cli = {
  /** Opens the connection on first use: commands that need no store start without one. */
  readonly api: () => Promise<Client>;
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly quiet: boolean;
  /** `--folder`, or where we are. */
  readonly folder: string;
  readonly environment: Environment;
  /** Ends with the first Ctrl-C; the second kills. */
  readonly signal: AbortSignal;
  /** Who types: what the ledger shows. */
  readonly actor: string;
  out(text: string): void;
  note(text: string): void;
};

/** Prints the result as JSON where it was asked for, else as `render` has it. */
export function show<Result>(cli: Cli, result: Result, render: (result: Result) => string): void {
  cli.out(cli.json ? JSON.stringify(result, undefined, 2) : render(result));
}
