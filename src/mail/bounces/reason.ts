// Why a message came back, in one closed vocabulary. The names and the numbers of `madeStatus` are those of Sisimai, which people who
// run mail know; the decision is ours: what the far side wrote, then at which command, then the status code.
import { CERTAIN, PHRASES } from "./reason-phrases.ts";

export const REASONS = [
  "authfailure",
  "badreputation",
  "blocked",
  "contenterror",
  "delivered",
  "exceedlimit",
  "expired",
  "feedback",
  "filtered",
  "hasmoved",
  "hostunknown",
  "mailboxfull",
  "mailererror",
  "mesgtoobig",
  "networkerror",
  "norelaying",
  "notaccept",
  "notcompliantrfc",
  "onhold",
  "policyviolation",
  "rejected",
  "requireptr",
  "securityerror",
  "spamdetected",
  "speeding",
  "suspend",
  "syntaxerror",
  "systemerror",
  "systemfull",
  "toomanyconn",
  "undefined",
  "userunknown",
  "vacation",
  "virusdetected",
] as const;
export type Reason = (typeof REASONS)[number];

/** The command that was refused, where the text tells: `connect` is before the first. */
export type Command = "connect" | "mail" | "rcpt" | "data" | "";

export type Symptoms = {
  readonly status: string;
  readonly reply: string;
  readonly command: Command;
  readonly action: string;
  /** Of the Diagnostic-Code: `smtp`, `x-unix`, …; '' where none is named. */
  readonly type: string;
  readonly text: string;
};

export function reasonOf(symptoms: Symptoms): Reason {
  const { status, action, text } = symptoms;
  if (status.startsWith("2.") || /^(delivered|relayed|expanded)$/.test(action)) return "delivered";
  const said = certainReason(text) ?? phraseReason(symptoms, flat(text));
  return said ?? statusReason(symptoms) ?? replyReason(symptoms);
}

/** What the words say wherever they stand, without a look at codes and commands. */
export function certainReason(text: string): Reason | undefined {
  const words = flat(text);
  return CERTAIN.find(([, pattern]) => pattern.test(words))?.[0];
}

function flat(text: string): string {
  return text.trim().toLowerCase().replaceAll(/\s+/g, " ");
}

function phraseReason(symptoms: Symptoms, text: string): Reason | undefined {
  if (symptoms.status.endsWith(".1.6")) return "hasmoved";
  for (const [reason, pattern] of PHRASES) {
    if (pattern.test(text)) {
      const meant = inContext(reason, symptoms);
      if (meant !== undefined) return meant;
    }
  }
  return undefined;
}

// The same words mean another thing elsewhere: who refuses after DATA has accepted the recipient, and "user unknown" without any sign that
// it answered RCPT is what filters say. An address is given up for it only where a command, a status or the mail system itself says so.
function inContext(reason: Reason, symptoms: Symptoms): Reason | undefined {
  const { status, type } = symptoms;
  if (reason === "userunknown") return unknownUser(symptoms);
  if (reason === "spamdetected") return filteredContent(status);
  if (reason === "systemerror") return type === "x-unix" ? "mailererror" : reason;
  if (reason === "hostunknown" && status.startsWith("4.")) return "networkerror";
  if (reason === "mesgtoobig" && status.endsWith(".2.3")) return "exceedlimit";
  if (reason === "mailererror" && type === "smtp") return undefined;
  return reason;
}

function filteredContent(status: string): Reason {
  if (/^\d\.6\./.test(status)) return "contenterror";
  return /^5\.2\.[01]$/.test(status) ? "filtered" : "spamdetected";
}

function unknownUser({ status, command, type, reply }: Symptoms): Reason | undefined {
  if (type === "x-unix") return "mailererror";
  if (status.endsWith(".1.2")) return "hostunknown";
  if (/^\d\.1\.[0134]$/.test(status)) return "userunknown";
  if (command === "mail") return "rejected";
  if (command === "data") return "filtered";
  if (command === "rcpt") return "userunknown";
  if (/^\d\.7\./.test(status)) return undefined;
  if (/^5\.2\.[01]$/.test(status)) return "filtered";
  return /^(|\d\.0\.0)$/.test(status) && reply !== "" ? "filtered" : "userunknown";
}

const STATUS_REASONS: readonly (readonly [RegExp, Reason])[] = [
  [/^\d\.1\.[013]$/, "userunknown"],
  [/^\d\.1\.2$/, "hostunknown"],
  [/^\d\.1\.4$/, "filtered"],
  [/^\d\.1\.6$/, "hasmoved"],
  [/^\d\.1\.[78]$/, "rejected"],
  [/^\d\.1\.9$/, "systemerror"],
  [/^\d\.1\.10$/, "notaccept"],
  [/^4\.2\.1$/, "suspend"],
  [/^\d\.2\.2$/, "mailboxfull"],
  [/^\d\.2\.3$/, "exceedlimit"],
  [/^5\.2\.[014]$/, "filtered"],
  [/^\d\.3\.1$/, "systemfull"],
  [/^\d\.3\.2$/, "notaccept"],
  [/^\d\.3\.4$/, "mesgtoobig"],
  [/^\d\.3\./, "systemerror"],
  [/^\d\.4\.[17]$/, "expired"],
  [/^4\.4\.5$/, "toomanyconn"],
  [/^5\.4\.4$/, "hostunknown"],
  [/^\d\.4\.3$/, "systemerror"],
  [/^\d\.4\./, "networkerror"],
  [/^\d\.5\.3$/, "toomanyconn"],
  [/^\d\.5\.[26]$/, "syntaxerror"],
  [/^\d\.5\.[45]$/, "systemerror"],
  [/^\d\.6\./, "contenterror"],
  [/^\d\.7\.13$/, "suspend"],
  [/^\d\.7\.16$/, "mesgtoobig"],
  [/^\d\.7\.1[78]$/, "hasmoved"],
  [/^\d\.7\.(2[0-4]|26)$/, "authfailure"],
  [/^\d\.7\.25$/, "requireptr"],
  [/^\d\.7\.27$/, "notaccept"],
  [/^\d\.7\./, "securityerror"],
];

function statusReason({ status, type }: Symptoms): Reason | undefined {
  if (type === "x-unix" && /^\d\.3\.0$/.test(status)) return "mailererror";
  return STATUS_REASONS.find(([pattern]) => pattern.test(status))?.[1];
}

function replyReason({ reply, command, action, type, text }: Symptoms): Reason {
  if (/^x-(unix|postfix)$/.test(type)) return "mailererror";
  if (/^5(0[0-4])$/.test(reply) && command !== "rcpt") return "syntaxerror";
  if (reply === "521" || reply === "556") return "notaccept";
  if (action === "delayed" || action === "expired") return "expired";
  if (command === "connect") return "blocked";
  return text.trim() === "" ? "undefined" : "onhold";
}

/** Whether it would fail again: the mailbox or its host is not there, or takes no mail for good. */
export function isHard(reason: Reason, status: string): boolean {
  if (reason === "notaccept") return !status.startsWith("4");
  return reason === "userunknown" || reason === "hostunknown" || reason === "hasmoved";
}

const MADE: Partial<Record<Reason, number>> = {
  authfailure: 972,
  badreputation: 975,
  blocked: 971,
  contenterror: 960,
  exceedlimit: 923,
  expired: 947,
  filtered: 910,
  hasmoved: 916,
  hostunknown: 912,
  mailboxfull: 922,
  mailererror: 939,
  mesgtoobig: 934,
  networkerror: 944,
  norelaying: 909,
  notaccept: 932,
  notcompliantrfc: 974,
  onhold: 901,
  policyviolation: 972,
  rejected: 918,
  requireptr: 973,
  securityerror: 970,
  spamdetected: 980,
  speeding: 946,
  suspend: 921,
  syntaxerror: 902,
  systemerror: 930,
  systemfull: 931,
  toomanyconn: 945,
  undefined: 900,
  userunknown: 911,
  virusdetected: 971,
};

/** A status for a bounce that carries none: subject 0 and a detail that no standard assigns, so nobody takes it for the far side's. */
export function madeStatus(reason: Reason, symptoms: Symptoms): string {
  const number = MADE[reason];
  if (number === undefined) return "";
  const temporary =
    symptoms.reply === ""
      ? /\b(temporar|persistent|will be retried|still trying)/i.test(
          firstParagraph(symptoms.text),
        ) || symptoms.action === "delayed"
      : symptoms.reply.startsWith("4");
  return `${temporary ? 4 : 5}.0.${number}`;
}

function firstParagraph(text: string): string {
  return text.trim().split(/\n\s*\n/, 1)[0] ?? "";
}
