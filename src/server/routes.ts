// Every verb that the API offers. A verb is added here and nowhere else.
import { report, ReportInput } from "../disclose/report.ts";
import { apply, ApplyInput } from "../incidents/apply.ts";
import { approve, ApproveInput } from "../incidents/approve.ts";
import { cancelPlan, CancelPlanInput } from "../incidents/plan/cancel-plan.ts";
import { closeIncident, CloseIncidentInput } from "../incidents/close-incident.ts";
import { decide, DecideInput } from "../incidents/decide.ts";
import { diffPlans, DiffPlansInput } from "../incidents/plan/diff-plans.ts";
import { handover, HandoverInput, handoverPage, HandoverPageInput } from "../incidents/handover.ts";
import { intake, IntakeInput } from "../incidents/intake.ts";
import { link, LinkInput } from "../incidents/link.ts";
import { listPeople, ListPeopleInput } from "../incidents/list-people.ts";
import { listIncidents, ListIncidentsInput } from "../incidents/list-incidents.ts";
import { note, NoteInput } from "../incidents/note.ts";
import { openIncident, OpenIncidentInput } from "../incidents/open-incident.ts";
import { plan, PlanInput } from "../incidents/plan/plan.ts";
import { run, RunInput, runs, RunsInput } from "../incidents/runs.ts";
import { showPlan, ShowPlanInput } from "../incidents/plan/show-plan.ts";
import { takeEvidence, TakeEvidenceInput } from "../incidents/take-evidence.ts";
import { refreshRegistry, RefreshInput } from "../registry/refresh-registry.ts";
import { answerVendor, AnswerVendorInput } from "../contain/answer-vendor.ts";
import { tickStep, TickStepInput } from "../contain/tick-step.ts";
import { vendorRequests, VendorRequestsInput } from "../contain/vendor-requests.ts";
import { evidenceShown } from "../disclose/report-model.ts";
import { checkpointLedger } from "../ledger/checkpoint-ledger.ts";
import { eraseSubject, EraseInput } from "../ledger/erase-subject.ts";
import { prove, ProveInput } from "../ledger/prove.ts";
import { showLedger, ShowInput } from "../ledger/show-ledger.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import { registryStatus } from "../registry/registry-status.ts";
import { setAside, SetAsideInput } from "../registry/set-aside.ts";
import { abortRun } from "../work/abort-run.ts";
import { leftOf, LeftInput } from "../work/left-of.ts";
import { outcomesOf, OutcomesInput } from "../work/outcomes-of.ts";
import { pauseRun } from "../work/pause-run.ts";
import { resumeRun } from "../work/resume-run.ts";
import { RunControl } from "../work/run-control.ts";
import { z } from "zod";
import { check, CheckInput } from "./check.ts";
import { detectRoutes } from "./detect-routes.ts";
import { mailRoutes } from "./mail-routes.ts";
import { type Route, route } from "./route.ts";

const Nothing = z.strictObject({});

export const routes: readonly Route[] = [
  route({
    name: "registry-refresh",
    method: "POST",
    scope: "registry:write",
    summary: "Bring the mirror of the accounts up to date",
    input: RefreshInput,
    run: refreshRegistry,
  }),
  route({
    name: "open-incident",
    method: "POST",
    scope: "incidents:write",
    summary: "Take a folder in as an incident",
    input: OpenIncidentInput,
    run: openIncident,
  }),
  route({
    name: "incidents",
    method: "GET",
    scope: "incidents:read",
    summary: "All incidents, the newest first",
    input: ListIncidentsInput,
    run: listIncidents,
  }),
  route({
    name: "intake",
    method: "POST",
    scope: "incidents:write",
    summary: "A report from outside opens or joins an incident",
    input: IntakeInput,
    run: intake,
  }),
  route({
    name: "note",
    method: "POST",
    scope: "incidents:write",
    summary: "Write down what was seen",
    input: NoteInput,
    run: note,
  }),
  route({
    name: "decide",
    method: "POST",
    scope: "incidents:decide",
    summary: "Record a decision",
    input: DecideInput,
    run: decide,
  }),
  route({
    name: "link",
    method: "POST",
    scope: "incidents:write",
    summary: "Tie two incidents together",
    input: LinkInput,
    run: link,
  }),
  route({
    name: "handover-page",
    method: "GET",
    scope: "incidents:read",
    summary: "The hand-over page as of now",
    input: HandoverPageInput,
    run: handoverPage,
  }),
  route({
    name: "handover",
    method: "POST",
    scope: "incidents:decide",
    summary: "Pass the lead and keep the page",
    input: HandoverInput,
    run: handover,
  }),
  route({
    name: "close-incident",
    method: "POST",
    scope: "incidents:decide",
    summary: "End an incident",
    input: CloseIncidentInput,
    run: closeIncident,
  }),
  route({
    name: "take-evidence",
    method: "POST",
    scope: "evidence:write",
    summary: "Hash, seal and scope evidence",
    input: TakeEvidenceInput,
    run: takeEvidence,
  }),
  route({
    name: "plan",
    method: "POST",
    scope: "plans:write",
    summary: "Plan the chosen part of an incident",
    input: PlanInput,
    run: plan,
  }),
  route({
    name: "show-plan",
    method: "GET",
    scope: "plans:read",
    summary: "A plan with its approvals and deadlines",
    input: ShowPlanInput,
    run: showPlan,
  }),
  route({
    name: "diff-plans",
    method: "GET",
    scope: "plans:read",
    summary: "What changed since the plan before",
    input: DiffPlansInput,
    run: diffPlans,
  }),
  route({
    name: "approve",
    method: "POST",
    scope: "plans:approve",
    summary: "Take a signature of a plan's digest",
    input: ApproveInput,
    run: approve,
  }),
  route({
    name: "cancel-plan",
    method: "POST",
    scope: "plans:write",
    summary: "Cancel a plan that is not applied",
    input: CancelPlanInput,
    run: cancelPlan,
  }),
  route({
    name: "apply",
    method: "POST",
    scope: "plans:apply",
    summary: "Start an approved plan's run, once",
    input: ApplyInput,
    run: apply,
  }),
  route({
    name: "report",
    method: "GET",
    scope: "incidents:read",
    summary: "The report, as data and as one HTML file",
    input: ReportInput,
    run: report,
  }),
  route({
    name: "runs",
    method: "GET",
    scope: "incidents:read",
    summary: "The runs of an incident",
    input: RunsInput,
    run: runs,
  }),
  route({
    name: "run",
    method: "GET",
    scope: "incidents:read",
    summary: "How far a run is",
    input: RunInput,
    run,
  }),
  route({
    name: "registry-status",
    method: "GET",
    scope: "registry:read",
    summary: "What the mirror holds and how old it is",
    input: Nothing,
    run: registryStatus,
  }),
  route({
    name: "registry-set-aside",
    method: "POST",
    scope: "registry:read",
    summary: "Rows that could not be used as they are",
    input: SetAsideInput,
    run: setAside,
  }),
  route({
    name: "evidence",
    method: "GET",
    scope: "evidence:read",
    summary: "What was taken, and as what its columns were recognised",
    input: ReportInput,
    run: evidenceShown,
  }),
  route({
    name: "people",
    method: "POST",
    scope: "people:read",
    summary: "People of an incident, and what was exposed of each",
    input: ListPeopleInput,
    run: listPeople,
  }),
  route({
    name: "check",
    method: "GET",
    scope: "incidents:read",
    summary: "Check the files and try every connection, changing nothing",
    input: CheckInput,
    run: check,
  }),
  route({
    name: "run-pause",
    method: "POST",
    scope: "runs:control",
    summary: "Hold a run",
    input: RunControl,
    run: pauseRun,
  }),
  route({
    name: "run-resume",
    method: "POST",
    scope: "runs:control",
    summary: "Go on with a held run",
    input: RunControl,
    run: resumeRun,
  }),
  route({
    name: "run-abort",
    method: "POST",
    scope: "runs:control",
    summary: "End a run; what was not begun stays undone and listed",
    input: RunControl,
    run: abortRun,
  }),
  route({
    name: "run-left",
    method: "POST",
    scope: "incidents:read",
    summary: "Targets without an outcome, and why",
    input: LeftInput,
    run: leftOf,
  }),
  route({
    name: "run-outcomes",
    method: "POST",
    scope: "incidents:read",
    summary: "How targets ended",
    input: OutcomesInput,
    run: outcomesOf,
  }),
  route({
    name: "vendor-requests",
    method: "GET",
    scope: "incidents:read",
    summary: "What was asked of vendors",
    input: VendorRequestsInput,
    run: vendorRequests,
  }),
  route({
    name: "vendor-answer",
    method: "POST",
    scope: "incidents:write",
    summary: "Write down what a vendor answered",
    input: AnswerVendorInput,
    run: answerVendor,
  }),
  route({
    name: "tick-step",
    method: "POST",
    scope: "incidents:write",
    summary: "A step of a checklist is done",
    input: TickStepInput,
    run: tickStep,
  }),
  route({
    name: "ledger-verify",
    method: "GET",
    scope: "ledger:read",
    summary: "Recompute the ledger",
    input: Nothing,
    run: verifyLedger,
  }),
  route({
    name: "ledger-prove",
    method: "POST",
    scope: "people:read",
    summary: "A proof of one entry or outcome that stands alone",
    input: ProveInput,
    run: prove,
  }),
  route({
    name: "ledger-show",
    method: "POST",
    scope: "people:read",
    summary: "A page of the ledger",
    input: ShowInput,
    run: showLedger,
  }),
  route({
    name: "ledger-checkpoint",
    method: "POST",
    scope: "ledger:write",
    summary: "Sign the ledger as it is",
    input: Nothing,
    run: checkpointLedger,
  }),
  route({
    name: "ledger-erase",
    method: "POST",
    scope: "people:erase",
    summary: "Erase a person from the ledger",
    input: EraseInput,
    run: eraseSubject,
  }),
  ...detectRoutes,
  ...mailRoutes,
];
