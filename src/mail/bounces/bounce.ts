// What is claimed of one recipient, put together from fields, codes and words.
import {
  certainReason,
  isHard,
  madeStatus,
  reasonOf,
  type Reason,
  type Symptoms,
} from "./reason.ts";
import { betterStatus, codesIn, isVague, type Codes } from "./reply-codes.ts";
import { commandIn } from "./report-text.ts";

/** What a report came to: `deferred` is still tried; `refused` is not wanted as it is; `unreachable` has no mailbox that takes it. */
export const FATES = ["delivered", "deferred", "refused", "unreachable"] as const;
export type Fate = (typeof FATES)[number];

export type Bounce = {
  /** As the report names it, in lower case; '' where it names nobody. */
  readonly recipient: string;
  readonly fate: Fate;
  readonly hard: boolean;
  readonly reason: Reason;
  /** Enhanced status; of subject 0 and detail 9xx where the report carries none; '' for complaints and replies. */
  readonly status: string;
  /** SMTP reply code; '' where none is named. */
  readonly reply: string;
  /** What the far side wrote, at most 1,000 characters. It may quote addresses. */
  readonly said: string;
};

/** A message that came to its recipient, who then said something of it. */
export function arrived(reason: "feedback" | "vacation", recipient: string, said: string): Bounce {
  return {
    recipient,
    fate: "delivered",
    hard: false,
    reason,
    status: "",
    reply: "",
    said: said.trim().slice(0, 1_000),
  };
}

export type Claims = {
  readonly hint?: Reason;
  readonly recipient: string;
  readonly action: string;
  readonly type: string;
  readonly field: string;
  /** From what is surely about this recipient to what is about all. */
  readonly texts: readonly string[];
};

/** What is looked at of one text: a far side says it at once, and every pattern is linear in this. */
const MOST_SAID = 8_192;

/** What a report's words and fields about one recipient come to. */
export function bounceOf({ recipient, action, type, field, texts, hint }: Claims): Bounce {
  const written = texts
    .map((text) => text.trim().slice(0, MOST_SAID))
    .filter((text) => text !== "");
  const codes = bestCodes(written);
  const status = betterStatus(field, codes ?? { status: "", reply: "" });
  const command = written.map((text) => commandIn(text)).find((one) => one !== "") ?? "";
  const symptoms: Symptoms = {
    status,
    reply: codes?.reply ?? "",
    command,
    action,
    type,
    text: written[0] ?? "",
  };
  const reason = hint ?? firstTelling(symptoms, written);
  const shown = status === "" ? madeStatus(reason, symptoms) : status;
  return {
    recipient: recipient.toLowerCase(),
    fate: fateOf(reason, {
      status: shown,
      goesOn: action === "" ? written.some((text) => GOES_ON.test(text)) : action === "delayed",
    }),
    hard: isHard(reason, shown),
    reason,
    status: shown,
    reply: symptoms.reply,
    said: (written[0] ?? "").slice(0, 1_000),
  };
}

function bestCodes(texts: readonly string[]): Codes | undefined {
  const all = texts.map((text) => codesIn(text));
  const first = all.find(({ status, reply }) => status !== "" || reply !== "");
  if (first && first.status !== "" && isVague(first.status)) {
    return all.find(({ status }) => status !== "" && !isVague(status)) ?? first;
  }
  return first;
}

function firstTelling(symptoms: Symptoms, texts: readonly string[]): Reason {
  if (!symptoms.status.startsWith("2.")) {
    for (const text of texts) {
      const certain = certainReason(text);
      if (certain !== undefined) return certain;
    }
  }
  for (const text of texts) {
    const reason = reasonOf({ ...symptoms, text });
    if (isTelling(reason)) return reason;
  }
  return reasonOf(symptoms);
}

/** Whether it says more than that something went wrong. */
export function isTelling(reason: Reason): boolean {
  return reason !== "onhold" && reason !== "undefined";
}

/** Reasons that are about the mailbox or the way to it, and not about what was sent. */
const ABOUT_THE_MAILBOX: ReadonlySet<Reason> = new Set([
  "expired",
  "filtered",
  "hasmoved",
  "hostunknown",
  "mailboxfull",
  "mailererror",
  "networkerror",
  "notaccept",
  "suspend",
  "systemerror",
  "systemfull",
  "userunknown",
]);

/** What mail systems write while they still try. */
const GOES_ON =
  /(will|shall) (be retried|keep trying|continue (trying|to))|still (being retried|trying)|warning message only|has been delayed|is delayed|temporary failure report|no action is required on your part/i;

type Course = { readonly status: string; readonly goesOn: boolean };

function fateOf(reason: Reason, { status, goesOn }: Course): Fate {
  if (reason === "delivered") return "delivered";
  if (goesOn) return "deferred";
  // Given up after a failure that was said to pass: nobody refused the message, the way to the mailbox was never open.
  if (!isTelling(reason) && status.startsWith("4.")) return "unreachable";
  return ABOUT_THE_MAILBOX.has(reason) ? "unreachable" : "refused";
}
