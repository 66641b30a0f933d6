// SMTP TLS reports (RFC 8460): JSON.
import { z } from "zod";
import { TocsinError } from "../../core/errors.ts";
import { plainText } from "../incoming/incoming-mail.ts";
import { domainOf } from "./dmarc-aggregate.ts";

const Count = z.number().int().min(0).max(1e12);
const Text = z
  .string()
  .max(1_000)
  .transform((text) => plainText(text));

const Failure = z.object({
  "result-type": Text,
  "sending-mta-ip": Text.default(""),
  "receiving-ip": Text.default(""),
  "receiving-mx-hostname": Text.default(""),
  "failed-session-count": Count.default(0),
});

const Report = z.object({
  "organization-name": Text.default(""),
  "date-range": z.object({ "start-datetime": z.coerce.date(), "end-datetime": z.coerce.date() }),
  "report-id": Text.refine((id) => id !== "", "the report has no id"),
  policies: z
    .array(
      z.object({
        policy: z.object({ "policy-type": Text.default(""), "policy-domain": Text }),
        summary: z.object({
          "total-successful-session-count": Count,
          "total-failure-session-count": Count,
        }),
        "failure-details": z.array(Failure).max(100_000).default([]),
      }),
    )
    .max(10_000),
});

export type TlsResult = {
  readonly domain: string;
  readonly policy: string;
  /** '' for a policy's sessions as a whole. */
  readonly failure: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly sender: string;
  readonly mx: string;
};

export type TlsReport = {
  readonly kind: "tls";
  readonly reporter: string;
  readonly reportId: string;
  readonly begin: Date;
  readonly end: Date;
  readonly results: readonly TlsResult[];
};

/** @throws TocsinError `invalid` where it is no such report */
export function readTlsReport(text: string): TlsReport {
  const parsed = Report.safeParse(jsonOf(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = issue?.path.map(String).join(".") ?? "";
    throw new TocsinError(
      "invalid",
      `the TLS report is not as RFC 8460 has it, at ${at || "its beginning"}`,
    );
  }
  const report = parsed.data;
  return {
    kind: "tls",
    reporter: report["organization-name"],
    reportId: report["report-id"],
    begin: report["date-range"]["start-datetime"],
    end: report["date-range"]["end-datetime"],
    results: report.policies.flatMap((one) => resultsOf(one)),
  };
}

function resultsOf(policy: z.output<typeof Report>["policies"][number]): TlsResult[] {
  const own = {
    domain: domainOf(policy.policy["policy-domain"]),
    policy: policy.policy["policy-type"].toLowerCase(),
  };
  const summary = policy.summary;
  const whole = {
    ...own,
    failure: "",
    succeeded: summary["total-successful-session-count"],
    failed: summary["total-failure-session-count"],
    sender: "",
    mx: "",
  };
  const failures = policy["failure-details"].map((one) => ({
    ...own,
    failure: one["result-type"].toLowerCase(),
    succeeded: 0,
    failed: one["failed-session-count"],
    sender: one["sending-mta-ip"],
    mx: one["receiving-mx-hostname"],
  }));
  return [whole, ...failures];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TocsinError("invalid", "its JSON is damaged", { cause });
  }
}
