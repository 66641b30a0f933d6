// The table of commands: an incident.
import type { Command } from "./command.ts";

export const INCIDENT = {
  name: "incident",
  about: "the incident's name, as its folder has it",
} as const;

export const INCIDENT_COMMANDS: readonly Command[] = [
  {
    path: "new",
    group: "An incident",
    summary: "start an incident: a folder with incident.yaml and first texts",
    more: "If the folder is there already it is taken as it is. Then write down what you know in incident.yaml, and: tocsin plan NAME",
    args: [{ name: "name", about: "lower-case letters, digits, dashes" }],
    options: [{ name: "title", value: "TEXT", about: "what happened, in a few words" }],
    load: () => import("./commands/new.ts"),
  },
  {
    path: "incidents",
    group: "An incident",
    summary: "list the incidents",
    load: () => import("./commands/incidents.ts"),
  },
  {
    path: "intake",
    group: "An incident",
    summary: "write down a report from outside; it opens an incident or joins one",
    more: "The words of the report follow as text, or come on standard input.",
    args: [INCIDENT, { name: "says", about: "the report", optional: true, rest: true }],
    options: [
      {
        name: "from",
        value: "WHO",
        about: "customer, researcher, vendor, extortionist, staff or authority",
      },
      { name: "name", value: "TEXT", about: "who reports" },
      { name: "contact", value: "TEXT", about: "how to answer" },
      { name: "received", value: "TIME", about: "when it came in" },
      { name: "title", value: "TEXT", about: "for an incident that this opens" },
    ],
    load: () => import("./commands/intake.ts"),
  },
  {
    path: "note",
    group: "An incident",
    summary: "write down what you saw or think",
    args: [INCIDENT, { name: "says", about: "the note", rest: true }],
    load: () => import("./commands/note.ts"),
  },
  {
    path: "decide",
    group: "An incident",
    summary: "record a decision: who, since when, why, on which facts",
    more: "aware starts the laws' clocks. declare, contained and refute change the incident's state; hold stops notices and lift ends it.",
    args: [
      INCIDENT,
      {
        name: "what",
        about: "aware, declare, contained, refute, hold, lift, wording, lead or other",
      },
    ],
    options: [
      { name: "because", value: "TEXT", about: "why" },
      { name: "at", value: "TIME", about: "since when it holds; now by default" },
      { name: "facts", value: "LIST", about: "what it rests on, with commas between" },
      { name: "second", value: "NAME", about: "the second person, to refute" },
      { name: "ends", value: "NUMBER", about: "the hold that is lifted" },
      { name: "to", value: "NAME", about: "who leads from now on" },
    ],
    load: () => import("./commands/decide.ts"),
  },
  {
    path: "link",
    group: "An incident",
    summary: "tie two incidents together",
    args: [INCIDENT, { name: "other", about: "the other incident" }],
    options: [{ name: "because", value: "TEXT", about: "what they share" }],
    load: () => import("./commands/link.ts"),
  },
  {
    path: "handover",
    group: "An incident",
    summary: "one page: what changed, what was decided, what is open, what is due next",
    args: [INCIDENT],
    options: [{ name: "to", value: "NAME", about: "pass the lead, and keep the page" }],
    load: () => import("./commands/handover.ts"),
  },
  {
    path: "close",
    group: "An incident",
    summary: "end an incident whose runs are over",
    args: [INCIDENT],
    options: [{ name: "because", value: "TEXT", about: "why it is over" }],
    load: () => import("./commands/close.ts"),
  },
  {
    path: "evidence take",
    group: "An incident",
    summary: "hash, seal and scope what incident.yaml names",
    more: "tocsin plan does this too, for what is new. The file is copied, sealed and never changed.",
    args: [INCIDENT, { name: "key", about: "one of them", optional: true }],
    load: () => import("./commands/evidence-take.ts"),
  },
  {
    path: "evidence show",
    group: "An incident",
    summary: "what was taken, and what its columns were recognised as",
    args: [INCIDENT],
    load: () => import("./commands/evidence-show.ts"),
  },
  {
    path: "people",
    group: "An incident",
    summary: "list people of an incident (personal data: the ledger keeps who looked)",
    args: [INCIDENT],
    options: [
      { name: "cohort", value: "NAME", about: "a cohort or an expression" },
      { name: "do-not-contact", about: "those who asked not to be written to" },
      { name: "ambiguous", about: "identifiers that point to two people" },
      { name: "unregistered", about: "people whom the registry does not know" },
      { name: "limit", value: "N", about: "at most; 100 by default" },
    ],
    load: () => import("./commands/people.ts"),
  },
];
