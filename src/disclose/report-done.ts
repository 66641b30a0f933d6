// What was planned and by whom it was approved; what each run did to how many, and with what outcome; what is left.
import { html } from "hono/html";
import type { PlanListed } from "../incidents/plan/plans-of.ts";
import { columns, legend, OUTCOMES, stacked } from "./charts.ts";
import type { ReportModel, RunReported } from "./report-model.ts";
import { number, plural, time } from "./words.ts";

type Html = ReturnType<typeof html>;

export function done({ runs, plans: all }: ReportModel): Html | "" {
  if (runs.length === 0) return "";
  return html`<section id="done">
    <h2>What was done, and with what outcome</h2>
    ${legend()}
    ${runs.map((run) =>
      runShown(
        run,
        all.find((plan) => plan.digest === run.plan),
      ),
    )}
  </section>`;
}

function runShown(run: RunReported, plan: PlanListed | undefined): Html {
  const title = (place: number, name: string) =>
    plan?.form.steps.find((one) => one.number === place + 1)?.title ?? name;
  return html`<article>
    <h3>
      Run ${run.number} <span class="state">${run.progress.state}</span>
      <span class="dim"
        >of plan <code>${run.plan.slice(0, 8)}</code>, applied ${time(run.applied_at)} by
        ${run.applied_by}</span
      >
    </h3>
    <div class="scroll">
      <table class="outcomes">
        <thead>
          <tr>
            <th>step</th>
            ${OUTCOMES.map((state) => html`<th class="n">${state}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${run.progress.steps.map(
            (step) =>
              html`<tr>
                <td>${title(step.step, step.name)} ${stacked(step.name, step)}</td>
                ${OUTCOMES.map((state) => html`<td class="n ${step[state] === 0 ? "zero" : ""}">${number(step[state])}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${run.fates.map((one) => fatesShown(title(one.step, ""), one))}
    ${columns("Outcomes over time", run.rate.slots, run.rate.slotMs)}
  </article>`;
}

/** A provider's acceptance is not a delivery: what came back later. */
function fatesShown(title: string, fates: RunReported["fates"][number]): Html {
  const parts = [
    [fates.unreachable, "unreachable"],
    [fates.refused, "refused"],
    [fates.deferred, "delayed"],
    [fates.delivered, "confirmed as delivered"],
    [fates.complained, "complained"],
    [fates.answered, "answered by an absence note"],
  ] as const;
  return html`<p class="fates">
    ${title}, reported after the provider had taken them:
    ${parts
      .filter(([count]) => count > 0)
      .map(
        ([count, words], place) => html`${place > 0 ? ", " : ""}<b>${number(count)}</b> ${words}`,
      )}
  </p>`;
}

export function plans({ plans: all }: ReportModel): Html | "" {
  if (all.length === 0) return "";
  return html`<section id="plans">
    <h2>What was planned, and who approved it</h2>
    <p class="dim">
      A plan's digest covers every step, setting, text and target. People sign the digest with their
      own keys; nobody approves a plan of their own.
    </p>
    ${all.map(planShown)}
  </section>`;
}

function planShown(plan: PlanListed): Html {
  const { people, over_ceiling: over } = plan.form.approvals;
  return html`<article>
    <h3>
      Plan <code>${plan.digest.slice(0, 8)}</code> <span class="state">${plan.state}</span>
      <span class="dim"
        >${plan.part === "all" ? "contain and notify" : plan.part}, wave ${plan.wave}; made
        ${time(plan.planned_at)} by ${plan.planned_by}</span
      >
    </h3>
    <ol>
      ${plan.form.steps.map(
        (step) =>
          html`<li>
            ${step.title}: <b>${number(step.targets)}</b>
            <span class="dim"
              >through ${step.through}${step.reversible ? ", can be undone" : ""}</span
            >
          </li>`,
      )}
    </ol>
    <p>
      ${plural(plan.approvals.length, "approval", "approvals")} of ${people}
      needed${over ? ", and a delay with an alarm" : ""}${plan.approvals.length > 0 ? ": " : "."}
      ${plan.approvals.map(
        (one, place) =>
          html`${place > 0 ? "; " : ""}${one.person}, ${time(one.at)}
            <span class="mono dim">${one.key}</span>`,
      )}
    </p>
    <p class="mono dim">${plan.digest}</p>
  </article>`;
}

export function left({ open, clocks, view }: ReportModel): Html {
  const warnings = view?.warnings ?? [];
  return html`<section id="left">
    <h2>What is left, and what is due</h2>
    ${
      open.length === 0
        ? html`<p>Nothing is open.</p>`
        : html`<ul>
            ${open.map((one) => html`<li>${one}</li>`)}
          </ul>`
    }
    ${clocks.length === 0 ? "" : duties(clocks)}
    ${
      warnings.length === 0
        ? ""
        : html`<details>
            <summary>
              ${plural(warnings.length, "thing", "things")} that the newest plan points out
            </summary>
            <ul class="warnings">
              ${warnings.map((one) => html`<li>${one.message}</li>`)}
            </ul>
          </details>`
    }
  </section>`;
}

function duties(clocks: ReportModel["clocks"]): Html {
  return html`<div class="scroll">
      <table>
        <thead>
          <tr>
            <th>duty</th>
            <th>tell</th>
            <th>due</th>
            <th>state</th>
            <th>still lacks</th>
          </tr>
        </thead>
        <tbody>
          ${clocks.map(
            (clock) =>
              html`<tr>
                <td>
                  ${clock.duty}
                  <div class="dim">${clock.source}</div>
                </td>
                <td>${clock.tell}</td>
                <td>
                  ${clock.due ? time(clock.due) : clock.state === "not-owed" ? "–" : "without undue delay"}
                </td>
                <td class="${clock.state === "overdue" ? "overdue" : ""}">
                  ${clock.state.replace("-", " ")}
                  <div class="dim">${clock.why}</div>
                </td>
                <td>${clock.lacks.join("; ") || "nothing"}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="dim">A calculation from the decisions on record, not legal advice.</p>`;
}
