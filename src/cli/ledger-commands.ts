// The table of commands: prove.
import type { Command } from "./command.ts";
import { INCIDENT } from "./incident-commands.ts";

export const PROOF_COMMANDS: readonly Command[] = [
  {
    path: "ledger verify",
    group: "Prove",
    summary: "recompute the whole ledger and say what was changed, deleted or reordered",
    more: "Exit status 3 where it was tampered with. An export is verified without any store.",
    options: [
      { name: "export", value: "FILE", about: "verify an export instead" },
      { name: "key", value: "FILE", about: "with --export: the ledger's public key" },
    ],
    load: () => import("./commands/ledger-verify.ts"),
  },
  {
    path: "ledger prove",
    group: "Prove",
    summary: "a proof of one entry, or of one notice or outcome, that stands alone",
    args: [{ name: "entry", about: "an entry's number", optional: true }],
    options: [
      { name: "incident", value: "NAME", about: "with --member" },
      { name: "member", value: "RUN/STEP/KEY", about: "one outcome; STEP counts from 0" },
      { name: "out", value: "FILE", about: "where; standard output by default" },
    ],
    load: () => import("./commands/ledger-prove.ts"),
  },
  {
    path: "ledger check-proof",
    group: "Prove",
    summary: "check such a proof, with the ledger's public key and nothing else",
    args: [{ name: "proof", about: "the file" }],
    options: [{ name: "key", value: "FILE", about: "the ledger's public key; key.pub by default" }],
    load: () => import("./commands/ledger-check-proof.ts"),
  },
  {
    path: "ledger show",
    group: "Prove",
    summary: "read the ledger (the reading is itself an entry)",
    options: [
      { name: "incident", value: "NAME", about: "only of this one" },
      { name: "after", value: "ENTRY", about: "the next page" },
      { name: "limit", value: "N", about: "at most; 100 by default" },
    ],
    load: () => import("./commands/ledger-show.ts"),
  },
  {
    path: "ledger checkpoint",
    group: "Prove",
    summary: "sign the ledger as it is, to give away: whoever has it can hold you to it",
    load: () => import("./commands/ledger-checkpoint.ts"),
  },
  {
    path: "ledger erase",
    group: "Prove",
    summary: "erase a person from the ledger; every hash stays and it still verifies",
    options: [
      {
        name: "entries",
        value: "LIST",
        about: "entries whose words name the person, commas between",
      },
      { name: "incident", value: "NAME", about: "with --members" },
      { name: "members", value: "LIST", about: "outcomes as RUN/STEP/KEY, commas between" },
      { name: "because", value: "TEXT", about: "why, without the person's data" },
    ],
    load: () => import("./commands/ledger-erase.ts"),
  },
  {
    path: "report",
    group: "Prove",
    summary: "one HTML file: timeline, who and what, what was done, what is left, the proofs",
    args: [INCIDENT],
    options: [
      {
        name: "out",
        value: "FILE",
        about: "where; report.html in the incident's folder by default",
      },
    ],
    load: () => import("./commands/report.ts"),
  },
];
