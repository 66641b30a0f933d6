import { TocsinError } from "../../core/errors.ts";
import type { IncomingMail } from "../incoming/incoming-mail.ts";
import { type AggregateReport, readAggregate } from "./dmarc-aggregate.ts";
import { type FailureReport, readFailure } from "./dmarc-failure.ts";
import { readTlsReport, type TlsReport } from "./tls-report.ts";
import { packedAs, unpack } from "./unpack.ts";

export type MailReportFile = AggregateReport | TlsReport;
export type AnyReport = MailReportFile | FailureReport;

/** Whether bytes are a report as it is, and no message: a file that somebody saved. */
export function isReportFile(bytes: Uint8Array): boolean {
  if (packedAs(bytes) !== "plain") return true;
  return /^(\uFEFF|ï»¿)?\s*(<\?xml|<(\w+:)?feedback|\{)/.test(
    Buffer.from(bytes.subarray(0, 512)).toString("latin1"),
  );
}

/** Reports of a file. @throws TocsinError `invalid` where one of them cannot be read */
export async function readReportFile(bytes: Uint8Array): Promise<MailReportFile[]> {
  const files = await unpack(bytes);
  const reports = files.map((file) => reportOf(file)).filter((one) => one !== undefined);
  if (reports.length === 0) throw new TocsinError("invalid", "there is no report in it");
  return reports;
}

/**
 * Reports that a message brings. Empty where it brings none.
 * @throws TocsinError `invalid` where it says that it brings one that cannot be read
 */
export async function reportsIn(mail: IncomingMail): Promise<AnyReport[]> {
  const failure = readFailure(mail);
  if (failure) return [failure];
  const reports: MailReportFile[] = [];
  for (const { type, name, bytes } of mail.parts) {
    if (!mayBeReport(type, name)) continue;
    const files = await unpack(bytes);
    reports.push(...files.map((file) => reportOf(file)).filter((one) => one !== undefined));
  }
  if (reports.length === 0 && TITLE.test(mail.subject) && mail.parts.length > 0)
    throw new TocsinError("invalid", "it is called a DMARC report and brings none");
  return reports;
}

/** RFC 7489, 7.2.1.1: what a report's message is called. */
const TITLE = /^\s*report domain:\s*\S+\s+submitter:/i;

function mayBeReport(type: string, name: string): boolean {
  if (
    /^application\/(gzip|x-gzip|gzip-compressed|zip|x-zip(-compressed)?|xml|tlsrpt\+(json|gzip))$/.test(
      type,
    )
  )
    return true;
  return type === "text/xml" || /\.(xml|json)(\.(gz|zip))?$|\.zip$/i.test(name);
}

/** `undefined` for a file that is something else. */
function reportOf(file: Buffer): MailReportFile | undefined {
  const text = new TextDecoder().decode(file).replace(/^\uFEFF/, "");
  const start = text.slice(0, 65_536).trimStart();
  if (start.startsWith("{")) return readTlsReport(text);
  return start.startsWith("<") ? readAggregate(text) : undefined;
}
