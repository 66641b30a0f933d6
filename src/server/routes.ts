// Every verb that the API offers. A verb is added here and nowhere else.
import { report, ReportInput } from "../disclose/report.ts";
import { apply, ApplyInput } from "../incidents/apply.ts";
import { approve, ApproveInput } from "../incidents/approve.ts";
import { cancelPlan, CancelPlanInput } from "../incidents/cancel-plan.ts";
import { closeIncident, CloseIncidentInput } from "../incidents/close-incident.ts";
import { decide, DecideInput } from "../incidents/decide.ts";
import { diffPlans, DiffPlansInput } from "../incidents/diff-plans.ts";
import { handover, HandoverInput, handoverPage, HandoverPageInput } from "../incidents/handover.ts";
import { intake, IntakeInput } from "../incidents/intake.ts";
import { link, LinkInput } from "../incidents/link.ts";
import { listIncidents, ListIncidentsInput } from "../incidents/list-incidents.ts";
import { note, NoteInput } from "../incidents/note.ts";
import { openIncident, OpenIncidentInput } from "../incidents/open-incident.ts";
import { plan, PlanInput } from "../incidents/plan.ts";
import { run, RunInput, runs, RunsInput } from "../incidents/runs.ts";
import { showPlan, ShowPlanInput } from "../incidents/show-plan.ts";
import { takeEvidence, TakeEvidenceInput } from "../incidents/take-evidence.ts";
import { refreshRegistry, RefreshInput } from "../registry/refresh-registry.ts";
import { type Route, route } from "./route.ts";

export const routes: readonly Route[] = [
  route({ name: "registry-refresh", method: "POST", scope: "registry:write", summary: "Bring the mirror of the accounts up to date", input: RefreshInput, run: refreshRegistry }),
  route({ name: "open-incident", method: "POST", scope: "incidents:write", summary: "Take a folder in as an incident", input: OpenIncidentInput, run: openIncident }),
  route({ name: "incidents", method: "GET", scope: "incidents:read", summary: "All incidents, the newest first", input: ListIncidentsInput, run: listIncidents }),
  route({ name: "intake", method: "POST", scope: "incidents:write", summary: "A report from outside opens or joins an incident", input: IntakeInput, run: intake }),
  route({ name: "note", method: "POST", scope: "incidents:write", summary: "Write down what was seen", input: NoteInput, run: note }),
  route({ name: "decide", method: "POST", scope: "incidents:decide", summary: "Record a decision", input: DecideInput, run: decide }),
  route({ name: "link", method: "POST", scope: "incidents:write", summary: "Tie two incidents together", input: LinkInput, run: link }),
  route({ name: "handover-page", method: "GET", scope: "incidents:read", summary: "The hand-over page as of now", input: HandoverPageInput, run: handoverPage }),
  route({ name: "handover", method: "POST", scope: "incidents:decide", summary: "Pass the lead and keep the page", input: HandoverInput, run: handover }),
  route({ name: "close-incident", method: "POST", scope: "incidents:decide", summary: "End an incident", input: CloseIncidentInput, run: closeIncident }),
  route({ name: "take-evidence", method: "POST", scope: "evidence:write", summary: "Hash, seal and scope evidence", input: TakeEvidenceInput, run: takeEvidence }),
  route({ name: "plan", method: "POST", scope: "plans:write", summary: "Plan the chosen part of an incident", input: PlanInput, run: plan }),
  route({ name: "show-plan", method: "GET", scope: "plans:read", summary: "A plan with its approvals and deadlines", input: ShowPlanInput, run: showPlan }),
  route({ name: "diff-plans", method: "GET", scope: "plans:read", summary: "What changed since the plan before", input: DiffPlansInput, run: diffPlans }),
  route({ name: "approve", method: "POST", scope: "plans:approve", summary: "Take a signature of a plan's digest", input: ApproveInput, run: approve }),
  route({ name: "cancel-plan", method: "POST", scope: "plans:write", summary: "Cancel a plan that is not applied", input: CancelPlanInput, run: cancelPlan }),
  route({ name: "apply", method: "POST", scope: "plans:apply", summary: "Start an approved plan's run, once", input: ApplyInput, run: apply }),
  route({ name: "report", method: "GET", scope: "incidents:read", summary: "The report, as data and as one HTML file", input: ReportInput, run: report }),
  route({ name: "runs", method: "GET", scope: "incidents:read", summary: "The runs of an incident", input: RunsInput, run: runs }),
  route({ name: "run", method: "GET", scope: "incidents:read", summary: "How far a run is", input: RunInput, run }),
];
