// The table of commands: plan and apply.
import type { Command } from "./command.ts";
import { INCIDENT } from "./incident-commands.ts";

const PLAN = {
  name: "plan",
  about: "a digest or its start, or an incident's name for its newest plan",
} as const;

export const PLAN_COMMANDS: readonly Command[] = [
  {
    path: "plan",
    group: "Plan and apply",
    summary: "work out who is affected and what would be done, changing nothing",
    more: "The plan has a digest. People approve that digest; the same inputs give the same one. Then: tocsin approve DIGEST",
    args: [INCIDENT],
    options: [
      { name: "only", value: "PART", about: "contain or notify" },
      { name: "diff", about: "what changed since the last plan of this part" },
    ],
    load: () => import("./commands/plan.ts"),
  },
  {
    path: "approve",
    group: "Plan and apply",
    summary: "sign a plan's digest with your SSH key",
    more: "Without --sign and --signature it prints what to sign and how. Hardware keys (sk-) work through ssh-keygen.",
    args: [PLAN],
    options: [
      { name: "sign", value: "KEYFILE", about: "sign here with this key" },
      {
        name: "signature",
        value: "FILE",
        about: "a signature made elsewhere; - for standard input",
      },
      { name: "as", value: "NAME", about: "who signs, as in the allowed signers" },
    ],
    load: () => import("./commands/approve.ts"),
  },
  {
    path: "cancel",
    group: "Plan and apply",
    summary: "cancel a plan that is not applied yet",
    args: [PLAN],
    options: [{ name: "because", value: "TEXT", about: "why" }],
    load: () => import("./commands/cancel.ts"),
  },
  {
    path: "apply",
    group: "Plan and apply",
    summary: "do what the approved plan says, durably and once",
    more: "Applying again shows the run that is there. Without a server the work is done here until it ends; Ctrl-C leaves it to be gone on with.",
    args: [PLAN],
    options: [{ name: "wait", about: "stay until the run has ended" }],
    load: () => import("./commands/apply.ts"),
  },
  {
    path: "runs",
    group: "Plan and apply",
    summary: "list the runs of an incident",
    args: [INCIDENT],
    load: () => import("./commands/runs.ts"),
  },
  {
    path: "run show",
    group: "Plan and apply",
    summary: "how far a run is, by step, and why a step waits",
    args: [{ name: "run", about: "INCIDENT/NUMBER or the run's id" }],
    load: () => import("./commands/run-show.ts"),
  },
  {
    path: "run left",
    group: "Plan and apply",
    summary: "list targets of a run that are left, or that ended otherwise than done, and why",
    args: [{ name: "run", about: "INCIDENT/NUMBER or the run's id" }],
    options: [
      { name: "state", value: "STATE", about: "left, refused, unreachable, gone, unknown or done" },
      { name: "limit", value: "N", about: "at most; 100 by default" },
    ],
    load: () => import("./commands/run-left.ts"),
  },
  ...(["pause", "resume", "abort"] as const).map((what): Command => ({
    path: `run ${what}`,
    group: "Plan and apply",
    summary: {
      pause: "hold a run: what is under way ends, nothing new begins",
      resume: "go on with a held run",
      abort: "end a run: what was not begun stays undone and is listed",
    }[what],
    args: [{ name: "run", about: "INCIDENT/NUMBER or the run's id" }],
    options: [{ name: "because", value: "TEXT", about: "why" }],
    load: () =>
      import("./commands/run-control.ts").then((module) => ({ run: module.control(what) })),
  })),
  {
    path: "tick",
    group: "Plan and apply",
    summary: "say that a step of a checklist is done",
    args: [
      { name: "run", about: "INCIDENT/NUMBER or the run's id" },
      { name: "action", about: "connector.action" },
      { name: "step", about: "its number, from 1, or all" },
    ],
    options: [
      { name: "targets", value: "LIST", about: "only these, commas between" },
      { name: "note", value: "TEXT", about: "what was seen" },
    ],
    load: () => import("./commands/tick.ts"),
  },
  {
    path: "vendor requests",
    group: "Plan and apply",
    summary: "what was asked of vendors, and how far it is",
    args: [INCIDENT],
    load: () => import("./commands/vendor-requests.ts"),
  },
  {
    path: "vendor answer",
    group: "Plan and apply",
    summary: "write down what a vendor answered; only this makes its targets done",
    args: [INCIDENT, { name: "vendor", about: "the connector, or the vendor's name" }],
    options: [
      { name: "says", value: "TEXT", about: "their words" },
      { name: "carried-out", value: "HOW MUCH", about: "all, some or none" },
      { name: "ticket", value: "TEXT", about: "their ticket" },
      { name: "evidence", value: "TEXT", about: "what shows it" },
      { name: "reference", value: "TEXT", about: "which request, where there are several" },
      { name: "declined", about: "they will not do the rest" },
    ],
    load: () => import("./commands/vendor-answer.ts"),
  },
];
