import type { Cli } from "./cli.ts";

export type Argument = {
  readonly name: string;
  readonly about: string;
  readonly optional?: true;
  readonly rest?: true;
};

export type Option = {
  readonly name: string;
  readonly about: string;
  /** What stands for the value in the help; none for a switch. */
  readonly value?: string;
};

/** What was typed, checked against the command's own arguments and options. */
export type Typed = {
  readonly args: Readonly<Record<string, string | undefined>>;
  readonly rest: readonly string[];
  readonly options: Readonly<Record<string, string | true | undefined>>;
};

export type Run = (cli: Cli, typed: Typed) => Promise<number>;

/** A row of the table of commands. The code behind it is loaded when it is run. */
export type Command = {
  /** `plan`, or two words: `registry refresh`. */
  readonly path: string;
  readonly summary: string;
  /** Teaches: when one uses it, what comes next. */
  readonly more?: string;
  readonly args?: readonly Argument[];
  readonly options?: readonly Option[];
  readonly group: Group;
  readonly load: () => Promise<{ run: Run }>;
};

export const GROUPS = [
  "Set up",
  "Detect",
  "Scope",
  "An incident",
  "Plan and apply",
  "Prove",
  "Run it",
  "Rehearse",
] as const;
export type Group = (typeof GROUPS)[number];

export function text(value: string | true | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
