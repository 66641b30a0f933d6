import { isIPv4 } from "node:net";
import type { AggregateRecord, AuthResult } from "./dmarc-aggregate.ts";

/** `aligned`: DMARC passes, receivers take it for ours. `authenticated`: somebody else's signature, our name in From. */
export const STANDINGS = ["aligned", "authenticated", "unauthenticated"] as const;
export type Standing = (typeof STANDINGS)[number];

export type Sender = { readonly sender: string; readonly standing: Standing };

/**
 * Who sent, as narrow as a report proves it: whose key signed (a new selector is a new key), else whose envelope domain and from which
 * network, else only the network. Addresses of large providers change by the hour; these do not.
 */
export function senderOf(record: AggregateRecord, domain: string): Sender {
  const signed = record.dkim.filter(({ result }) => result === "pass");
  const allowed = record.spf.find(({ result }) => result === "pass");
  if (record.dkimAligned) {
    const own = signed.find((one) => isWithin(one.domain, domain) || isWithin(domain, one.domain));
    return { sender: keyOf(own ?? { domain, selector: "", result: "pass" }), standing: "aligned" };
  }
  const envelope = allowed?.domain || record.envelopeFrom || domain;
  if (record.spfAligned)
    return { sender: `spf ${envelope} from ${networkOf(record.source)}`, standing: "aligned" };
  const [other] = signed;
  if (other) return { sender: keyOf(other), standing: "authenticated" };
  if (allowed) return { sender: `spf ${envelope}`, standing: "authenticated" };
  return { sender: `unknown from ${networkOf(record.source)}`, standing: "unauthenticated" };
}

function keyOf({ domain, selector }: AuthResult): string {
  return selector === "" ? `dkim ${domain}` : `dkim ${domain} ${selector}`;
}

/** Whether `domain` is `parent` or below it. */
export function isWithin(domain: string, parent: string): boolean {
  return parent !== "" && (domain === parent || domain.endsWith(`.${parent}`));
}

/** `192.0.2.7` → `192.0.2.0/24`; of IPv6 the first 48 bits, which is what a site is given (RFC 6177). */
export function networkOf(address: string): string {
  if (isIPv4(address)) return `${address.split(".").slice(0, 3).join(".")}.0/24`;
  const [head = "", tail = ""] = address.toLowerCase().split("::", 2);
  const [left, right] = [head.split(":").filter(Boolean), tail.split(":").filter(Boolean)];
  const zeros = address.includes("::") ? Math.max(0, 8 - left.length - right.length) : 0;
  const groups = [...left, ...Array.from({ length: zeros }, () => "0"), ...right];
  return `${groups
    .slice(0, 3)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/48`;
}
