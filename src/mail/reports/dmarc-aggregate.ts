// DMARC aggregate reports (RFC 7489, appendix C; RFC 9990 with its namespace), as they are and not only as they should be.
import { isIP } from "node:net";
import { TocsinError } from "../../core/errors.ts";
import { child, childrenOf, descendant, textAt, xmlTree, type XmlElement } from "./xml-tree.ts";

export type AuthResult = {
  readonly domain: string;
  readonly result: string;
  readonly selector: string;
};

export type AggregateRecord = {
  readonly source: string;
  readonly messages: number;
  readonly disposition: string;
  /** Whether DKIM, SPF passed for a domain that is aligned with From. */
  readonly dkimAligned: boolean;
  readonly spfAligned: boolean;
  readonly overrides: readonly string[];
  readonly headerFrom: string;
  readonly envelopeFrom: string;
  readonly dkim: readonly AuthResult[];
  readonly spf: readonly AuthResult[];
};

export type AggregateReport = {
  readonly kind: "dmarc";
  readonly reporter: string;
  readonly reportId: string;
  /** Whose policy it was. */
  readonly domain: string;
  readonly policy: string;
  readonly begin: Date;
  readonly end: Date;
  readonly records: readonly AggregateRecord[];
  /** Records that make no sense: no address, no count. */
  readonly bad: number;
};

/** @throws TocsinError `invalid` where it is no such report */
export function readAggregate(text: string): AggregateReport {
  const feedback = descendant(xmlTree(text), "feedback");
  if (!feedback)
    throw new TocsinError("invalid", "its XML is no DMARC report: it has no <feedback>");
  const metadata = child(feedback, "report_metadata");
  const published = child(feedback, "policy_published");
  const domain = domainOf(textAt(published, "domain"));
  const reportId = textAt(metadata, "report_id");
  const times = [
    dateOf(textAt(metadata, "date_range", "begin")),
    dateOf(textAt(metadata, "date_range", "end")),
  ];
  const [begin, end] = times;
  if (domain === "" || reportId === "" || !begin || !end)
    throw new TocsinError("invalid", "the DMARC report lacks its id, its domain or its time");
  const all = childrenOf(feedback, "record").map((record) => recordOf(record));
  const records = all.filter((record) => record !== undefined);
  return {
    kind: "dmarc",
    reporter: textAt(metadata, "org_name") || textAt(metadata, "email"),
    reportId,
    domain,
    policy: word(textAt(published, "p")),
    begin: begin <= end ? begin : end,
    end: begin <= end ? end : begin,
    records,
    bad: all.length - records.length,
  };
}

function recordOf(record: XmlElement): AggregateRecord | undefined {
  const row = child(record, "row");
  const source = textAt(row, "source_ip");
  const count = textAt(row, "count");
  if (isIP(source) === 0 || !/^\d{1,12}$/.test(count) || Number(count) === 0) return undefined;
  const evaluated = child(row, "policy_evaluated");
  const identifiers = child(record, "identifiers") ?? child(record, "identities");
  const results = child(record, "auth_results");
  return {
    source,
    messages: Number(count),
    disposition: word(textAt(evaluated, "disposition")),
    dkimAligned: word(textAt(evaluated, "dkim")) === "pass",
    spfAligned: word(textAt(evaluated, "spf")) === "pass",
    overrides: childrenOf(evaluated, "reason").map((reason) => word(textAt(reason, "type"))),
    headerFrom: domainOf(textAt(identifiers, "header_from")),
    envelopeFrom: domainOf(textAt(identifiers, "envelope_from")),
    dkim: childrenOf(results, "dkim")
      .slice(0, MOST_RESULTS)
      .map((one) => resultOf(one)),
    spf: childrenOf(results, "spf")
      .slice(0, MOST_RESULTS)
      .map((one) => resultOf(one)),
  };
}

/** RFC 7489, 7.2 asks for the signatures that matter; a message can carry more than anybody would name. */
const MOST_RESULTS = 100;

function resultOf(element: XmlElement): AuthResult {
  return {
    domain: domainOf(textAt(element, "domain")),
    result: word(textAt(element, "result")),
    selector: textAt(element, "selector").toLowerCase().slice(0, 253),
  };
}

/** One of the small words that the schema knows, whatever its case; anything else is cut short. */
function word(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "")
    .slice(0, 40);
}

/** Lower case, without a dot at the end; '' for what cannot be a domain. */
export function domainOf(text: string): string {
  const domain = text.trim().toLowerCase().replace(/\.$/, "");
  return /^[\p{L}\p{N}_]([\p{L}\p{N}_.-]{0,251}[\p{L}\p{N}])?$/u.test(domain) ? domain : "";
}

/** Seconds since 1970, or a date in words as some write it. */
function dateOf(text: string): Date | undefined {
  const at = /^\d{1,11}$/.test(text) ? Number(text) * 1_000 : Date.parse(text);
  return Number.isNaN(at) || at < 0 || at > 4_102_444_800_000 ? undefined : new Date(at);
}
