// What a report says in words, for the many that carry no delivery status: whom it names, and what is said of each.
import type { Command } from "./reason.ts";

export type TextRecipient = { readonly address: string; readonly said: string };

/** Where the returned message begins in a plain text: a header that has two or more of the fields that every message has. */
export function splitReport(text: string): { report: string; returned: string } {
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    if (!RETURNED_FIELD.test(lines[at] ?? "")) continue;
    const { isHeader, end } = headerAt(lines, at);
    if (isHeader)
      return { report: lines.slice(0, at).join("\n"), returned: lines.slice(at).join("\n") };
    // What begins within it has fewer fields: each line is looked at twice at most.
    at = Math.max(at, end - 1);
  }
  return { report: text, returned: "" };
}

const RETURNED_FIELD =
  /^(received|return-path|message-id|dkim-signature|date|from|to|subject|mime-version|x-[a-z0-9-]+|content-type|delivered-to|reply-to|sender):/i;
const OWN_FIELDS = new Set(["received", "message-id", "from", "date", "subject", "return-path"]);

/** Longer than any header's fields that matter. */
const MOST_LINES = 60;

function headerAt(lines: readonly string[], start: number): { isHeader: boolean; end: number } {
  const found = new Set<string>();
  let at = start;
  for (; at < Math.min(lines.length, start + MOST_LINES); at += 1) {
    const line = lines[at] ?? "";
    if (line.trim() === "") break;
    const name = /^([\x21-\x39\x3b-\x7e]+):/.exec(line)?.[1]?.toLowerCase();
    if (name === undefined) {
      if (!/^[ \t]/.test(line)) break;
    } else if (OWN_FIELDS.has(name)) found.add(name);
  }
  const enough = found.has("received") || found.has("message-id") ? 2 : 3;
  return { isHeader: found.size >= enough, end: at };
}

const IN_BRACKETS =
  /^[\s>*]*<([^<>\s]{1,256})>(?:\s*\((?:expanded|generated)[^)]*\))?\s*[:;.,]?[ \t]*(.*)$/;
const BARE =
  /^[\s>*]*"?([^\s<>"():;,@=/]{1,64}@[a-z0-9][a-z0-9.-]{0,251}[a-z0-9])"?(?:\s*\([^)]*\))?\s*(?:$|[:;,]\s*|(?:on|<)\s+|\.{3}\s*)(.*)$/i;
/** Sendmail's own line of a transcript, and Zoho's. */
const IN_LINE =
  /^\s*(?=([45]\d\d .*))[45]\d\d (?:\d\.\d\.\d{1,3} )?<([^<>\s@]{1,64}@[^<>\s]{1,255})>\.\.\.|^\s*([^\s<>@]{1,64}@[^\s<>@]{1,255})\s+(.*ERROR_CODE.*)$/;
/** Lines that name somebody else than the recipient. */
const NOT_A_RECIPIENT =
  /^\s*(mail from|from|sender|reply-to|return-path|message-id|postmaster|reporting-mta|x-|date|contact|cc)\b|postmaster@|mailer-daemon@|^\s*https?:\/\/|^\s*>>>\s*(mail|helo|ehlo)/i;
const AFTER_WORD =
  /\b(?:rcpt to:?|recipients?(?: address)?(?:es)?:?|to:?|address:?|for|user:?|mailbox:?|host:|size:|attempts:|original-rcpt-to:)\s*<?"?([^\s<>"():;,@=/]{1,64}@[a-z0-9][a-z0-9.-]{0,251}[a-z0-9])/i;

/** Each recipient with what stands between it and the next. */
export function textRecipients(report: string): TextRecipient[] {
  const named = headings(report);
  if (named.length > 0) return named;
  for (const line of report.split("\n")) {
    if (NOT_A_RECIPIENT.test(line)) continue;
    const address = AFTER_WORD.exec(line)?.[1];
    if (address !== undefined) return [{ address, said: report }];
  }
  return [];
}

function headings(report: string): TextRecipient[] {
  const said = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const line of report.split("\n")) {
    const named = NOT_A_RECIPIENT.test(line) ? undefined : heading(line);
    if (named) {
      current = said.get(named.address) ?? [];
      said.set(named.address, current);
      current.push(named.said);
    } else current?.push(line);
    if (said.size > 20_000) break;
  }
  return [...said].map(([address, lines]) => ({ address, said: lines.join("\n").trim() }));
}

function heading(line: string): TextRecipient | undefined {
  const own = IN_BRACKETS.exec(line) ?? BARE.exec(line);
  if (own) return { address: (own[1] ?? "").toLowerCase(), said: own[2] ?? "" };
  const inLine = IN_LINE.exec(line);
  if (!inLine) return undefined;
  const [, reply, address, other, error] = inLine;
  return { address: (address ?? other ?? "").toLowerCase(), said: reply ?? error ?? "" };
}

const COMMANDS: readonly RegExp[] = [
  /in reply to (?:the )?(?:end of )?(rcpt|mail|data|ehlo|helo|rset|auth|message)/i,
  /after (rcpt|mail|data|end of data|ehlo|helo|initial connection|pipelined)/i,
  /did not like our (?:final )?(rcpt|mail|data|ehlo|helo)/i,
  /while sending (rcpt|mail|data)\b/i,
  />>> (rcpt|mail|data|bdat|ehlo|helo|\.)/i,
  /smtp command\s+(rcpt|mail|data)\b/i,
  /\[(rcpt|mail|data)_?(?:to|from)?\]/i,
  /does not like (recipient|sender)/i,
  /\(state (\d\d)\)/i,
];

/** The command that was answered so. */
export function commandIn(text: string): Command {
  for (const pattern of COMMANDS) {
    const word = pattern.exec(text)?.[1]?.toLowerCase();
    if (word !== undefined) return commandOf(word);
  }
  return "";
}

// Gmail names states of its own: 12 to 14 are RCPT, 15 and on the data.
function commandOf(word: string): Command {
  if (word === "rcpt" || word === "recipient" || /^1[2-4]$/.test(word)) return "rcpt";
  if (word === "mail" || word === "sender" || word === "11") return "mail";
  if (/^(ehlo|helo|initial|auth|\d$|9|10)/.test(word)) return "connect";
  return "data";
}
