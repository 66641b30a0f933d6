// Every command, once: help, completion and parsing are made from this table.
import type { Command } from "./command.ts";
import { DETECT_COMMANDS } from "./detect-commands.ts";
import { INCIDENT_COMMANDS } from "./incident-commands.ts";
import { PROOF_COMMANDS } from "./ledger-commands.ts";
import { MAIL_COMMANDS } from "./mail-commands.ts";
import { PLAN_COMMANDS } from "./plan-commands.ts";
import { SCOPE_COMMANDS } from "./scope-commands.ts";

export const COMMANDS: readonly Command[] = [
  {
    path: "init",
    group: "Set up",
    summary: "write a first tocsin.yaml",
    more: "Makes a folder with a commented tocsin.yaml, a sample of allowed_signers and a place for incidents. Then: tocsin check",
    args: [{ name: "folder", about: "where; here by default", optional: true }],
    load: () => import("./commands/init.ts"),
  },
  {
    path: "check",
    group: "Set up",
    summary: "check the files and try every connection, changing nothing",
    load: () => import("./commands/check.ts"),
  },
  {
    path: "registry refresh",
    group: "Set up",
    summary: "bring the mirror of your accounts up to date",
    options: [
      { name: "only", value: "NAME", about: "one registry of tocsin.yaml" },
      { name: "full", about: "read everything again, not only what changed" },
      { name: "shrunk", about: "accept that the source has far fewer rows than before" },
    ],
    load: () => import("./commands/registry-refresh.ts"),
  },
  {
    path: "registry show",
    group: "Set up",
    summary: "what the mirror holds, how old it is, what was set aside",
    load: () => import("./commands/registry-show.ts"),
  },
  {
    path: "registry set-aside",
    group: "Set up",
    summary: "list the rows that could not be used, with the reason",
    options: [
      { name: "reason", value: "CODE", about: "only these" },
      { name: "limit", value: "N", about: "at most; 100 by default" },
    ],
    load: () => import("./commands/registry-set-aside.ts"),
  },
  ...DETECT_COMMANDS,
  ...SCOPE_COMMANDS,
  ...INCIDENT_COMMANDS,
  ...PLAN_COMMANDS,
  ...MAIL_COMMANDS,
  ...PROOF_COMMANDS,
  {
    path: "serve",
    group: "Run it",
    summary: "the API, the live pages and the work, on loopback",
    options: [
      { name: "port", value: "PORT", about: "7443 by default" },
      { name: "no-work", about: "leave the work to `tocsin work`" },
    ],
    load: () => import("./commands/serve.ts"),
  },
  {
    path: "work",
    group: "Run it",
    summary: "do the work of every run, as one of any number of processes on one Postgres",
    load: () => import("./commands/work.ts"),
  },
  {
    path: "sign-in",
    group: "Run it",
    summary: "print a link that signs your browser in, once",
    load: () => import("./commands/sign-in.ts"),
  },
  {
    path: "completion",
    group: "Run it",
    summary: "print completion for a shell",
    more: "bash: source <(tocsin completion bash)   zsh: source <(tocsin completion zsh)   fish: tocsin completion fish | source",
    args: [{ name: "shell", about: "bash, zsh or fish" }],
    load: () => import("./commands/completion.ts"),
  },
  {
    path: "drill",
    group: "Rehearse",
    summary: "rehearse a breach against a pretend company, Example Cloud",
    args: [{ name: "drill", about: "docker-hub-2019" }],
    options: [
      { name: "scale", value: "N", about: "1 is the real size: 190,000 of 3.8 million" },
      { name: "seed", value: "N", about: "another Example Cloud" },
      { name: "kill-every", value: "S", about: "SIGKILL Tocsin every S seconds" },
      { name: "keep", about: "leave the folder for a look" },
    ],
    load: () => import("./commands/drill.ts"),
  },
  {
    path: "mailbox",
    group: "Rehearse",
    summary: "take mail on loopback into a folder, to read notices before anybody gets them",
    more: 'As a provider in tocsin.yaml: { smtp: "smtp://127.0.0.1:2525", streams: [notices], tls: offered }',
    args: [{ name: "folder", about: "where each message becomes a file" }],
    options: [{ name: "port", value: "N", about: "2525 by default" }],
    load: () => import("./commands/mailbox.ts"),
  },
  {
    path: "test",
    group: "Rehearse",
    summary: "run all tests",
    args: [{ name: "files", about: "only these", optional: true, rest: true }],
    load: () => import("./commands/test.ts"),
  },
];
