// DMARC failure reports (RFC 6591 over RFC 5965), and the mails that some send instead of them.
import { isIP } from "node:net";
import { header, partText, plainText, type IncomingMail } from "../incoming/incoming-mail.ts";
import { splitReport } from "../bounces/report-text.ts";
import { returnedHeader } from "../bounces/returned-header.ts";
import { domainOf } from "./dmarc-aggregate.ts";

export type FailureReport = {
  readonly kind: "dmarc-failure";
  readonly reporter: string;
  /** The domain in From that was claimed. */
  readonly domain: string;
  readonly source: string;
  readonly failure: string;
  readonly result: string;
};

/** `undefined` where the message is no such report. */
export function readFailure(mail: IncomingMail): FailureReport | undefined {
  const part = mail.parts.find(({ type }) => type === "message/feedback-report");
  const { report, returned } = splitReport(mail.text);
  const fields = part ? partText(part) : report;
  const isFailure = /^feedback-type:\s*auth-failure/im.test(fields);
  if (!isFailure && !TITLE.test(mail.subject)) return undefined;
  const field = (...names: readonly string[]): string => {
    for (const name of names) {
      const line = new RegExp(`^[ \\t]*${name}[ \\t]*:[ \\t]*(.*)$`, "im").exec(fields);
      const found = plainText(line?.[1] ?? "");
      if (found !== "") return found;
    }
    return "";
  };
  const from = returnedHeader(mail, returned).from;
  const source =
    addressIn(field("source-ip", "sender ip address", "ip address")) ||
    addressIn(mail.subject) ||
    addressIn(report);
  const domain =
    domainOf(field("reported-domain", "sender domain")) ||
    domainOf(from.slice(from.lastIndexOf("@") + 1));
  if (source === "" && domain === "") return undefined;
  return {
    kind: "dmarc-failure",
    reporter: domainOf(header(mail, "from").replace(/^.*@/s, "").replace(/>.*$/s, "")),
    domain,
    source,
    failure: field("auth-failure").toLowerCase().slice(0, 40),
    result: field("delivery-result", "dmarc results").toLowerCase().slice(0, 80),
  };
}

const TITLE = /\bdmarc\b.{0,20}(failure|forensic|failed)/i;

function addressIn(text: string): string {
  for (const [word] of text.matchAll(/[0-9a-f.:]{3,45}/gi)) {
    const address = word.replace(/[.:]$/, "");
    if (isIP(address) !== 0) return address;
  }
  return "";
}
