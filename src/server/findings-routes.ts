// The routes of findings.
import { closeFinding, CloseFindingInput } from "../detect/findings/close-finding.ts";
import {
  findingFigures,
  listFindings,
  ListFindingsInput,
} from "../detect/findings/list-findings.ts";
import { ocsfFinding } from "../detect/findings/ocsf-finding.ts";
import { showFinding, ShowFindingInput } from "../detect/findings/show-finding.ts";
import { suppressFindings, SuppressFindingsInput } from "../detect/findings/suppress-findings.ts";
import { streamFigures, StreamFiguresInput } from "../logs/ingest/stream-figures.ts";
import { type Route, route } from "./route.ts";

export const findingsRoutes: readonly Route[] = [
  route({
    name: "findings",
    method: "GET",
    scope: "findings:read",
    summary: "What rules found, the last changed first, and what is suppressed",
    input: ListFindingsInput,
    run: async (ctx, input) => ({
      findings: await listFindings(ctx, input),
      figures: await findingFigures(ctx),
    }),
  }),
  route({
    name: "findings-ocsf",
    method: "GET",
    scope: "findings:read",
    summary: "The same as OCSF Detection Findings",
    input: ListFindingsInput,
    run: async (ctx, input) => (await listFindings(ctx, input)).map((one) => ocsfFinding(one)),
  }),
  route({
    name: "finding",
    method: "POST",
    scope: "events:read",
    summary: "One finding with its events' own lines; the look is in the ledger",
    input: ShowFindingInput,
    run: async (ctx, input) => {
      const finding = await showFinding(ctx, input);
      return { finding, ocsf: ocsfFinding(finding, finding.lines) };
    },
  }),
  route({
    name: "suppress-findings",
    method: "POST",
    scope: "findings:write",
    summary: "Count findings of a rule instead of showing them, until a time, for a reason",
    input: SuppressFindingsInput,
    run: suppressFindings,
  }),
  route({
    name: "close-finding",
    method: "POST",
    scope: "findings:write",
    summary: "A finding was looked at and is done with",
    input: CloseFindingInput,
    run: closeFinding,
  }),
  route({
    name: "streams",
    method: "GET",
    scope: "findings:read",
    summary:
      "What came over HTTP: records, what was rejected or too late, what is not looked at yet",
    input: StreamFiguresInput,
    run: streamFigures,
  }),
];
