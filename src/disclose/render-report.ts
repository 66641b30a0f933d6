// The report as one HTML file that needs no network. `html` escapes every value: nothing from evidence becomes markup.
import { html, raw } from "hono/html";
import { titleOf } from "../core/categories.ts";
import { bars, LIVE_SCRIPT, stacked } from "./charts.ts";
import type { ReportModel } from "./report-model.ts";
import { REPORT_STYLE } from "./report-style.ts";

type Html = ReturnType<typeof html>;

/** The whole page; `live` adds the script that keeps it current, which the file does without. */
export async function renderReport(
  model: ReportModel,
  options: { live: boolean },
): Promise<string> {
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${model.incident.title} · ${model.organisation}</title>
        <style>
          ${raw(REPORT_STYLE)}
        </style>
        ${options.live ? LIVE_SCRIPT : ""}
      </head>
      <body>
        <main data-incident="${model.incident.name}">${renderBody(model)}</main>
      </body>
    </html> `;
  return page.toString();
}

/** What the live view replaces as the run goes. */
export function renderBody(model: ReportModel): Html {
  return html`${head(model)}${affected(model)}${plans(model)}${done(model)}${left(model)}${timeline(model)}${evidence(model)}${proofs(model)}`;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}

function time(at: string | Date): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function head({ incident, organisation, madeAt, view }: ReportModel): Html {
  const largest = view?.cohorts.toSorted((a, b) => b.accounts - a.accounts)[0];
  return html`<header>
    <p class="dim">${organisation} · incident ${incident.name}</p>
    <h1>${incident.title}</h1>
    <p>
      <span class="state">${incident.state}</span>
      <span class="dim"
        >lead ${incident.lead} · opened
        ${time(incident.openedAt)}${incident.closedAt ? ` · closed ${time(incident.closedAt)}` : ""}
        · as of ${time(madeAt)}</span
      >
    </p>
    ${view?.summary ? html`<p>${view.summary}</p>` : ""}
    ${
      largest && view
        ? html`<div class="figures">
            <div><b>${number(largest.accounts)}</b>accounts affected</div>
            <div><b>${number(largest.people)}</b>people</div>
            <div>
              <b>${view.total > 0 ? ((largest.accounts / view.total) * 100).toFixed(1) : "–"} %</b
              >of ${number(view.total)} accounts
            </div>
            <div>
              <b>${largest.countries.filter((one) => one.country !== "").length}</b>countries
            </div>
          </div>`
        : html`<p>Nothing is planned yet.</p>`
    }
  </header>`;
}

function affected({ view }: ReportModel): Html | "" {
  const largest = view?.cohorts.toSorted((a, b) => b.accounts - a.accounts)[0];
  if (!view || !largest) return "";
  const rows = view.cohorts.map(
    (cohort) =>
      html`<tr>
        <td>${cohort.name}</td>
        <td class="n">${number(cohort.accounts)}</td>
        <td class="n">${number(cohort.people)}</td>
        <td>${[...new Set(cohort.categories.map((one) => one.sureness))].join(", ")}</td>
        <td>${cohort.categories.map((one) => titleOf(one.category, "en")).join(", ")}</td>
      </tr>`,
  );
  const categories = largest.categories.map((one) => ({
    label: titleOf(one.category, "en"),
    value: one.accounts,
    note: one.sureness,
  }));
  const countries = largest.countries.filter((one) => one.country !== "");
  const rest = countries.slice(12).reduce((sum, one) => sum + one.accounts, 0);
  const top = countries.slice(0, 12).map((one) => ({ label: one.country, value: one.accounts }));
  return html`<h2>Who is affected, and which of their data</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>cohort</th>
            <th class="n">accounts</th>
            <th class="n">people</th>
            <th>sure</th>
            <th>data</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    ${bars(`Data exposed, in accounts (${largest.name})`, categories)}
    ${bars(`Accounts by country (${largest.name})`, rest > 0 ? [...top, { label: `${countries.length - 12} others`, value: rest }] : top)}`;
}

function plans({ plans: all }: ReportModel): Html | "" {
  if (all.length === 0) return "";
  const rows = all.map(
    (plan) =>
      html`<tr>
        <td><code>${plan.digest.slice(0, 16)}…</code></td>
        <td>${plan.part}, wave ${plan.wave}</td>
        <td>${plan.state}</td>
        <td>
          ${plan.form.steps.map((step) => html`<div>${step.title}: ${number(step.targets)}</div>`)}
        </td>
        <td>${time(plan.planned_at)} by ${plan.planned_by}</td>
        <td>
          ${plan.approvals.length === 0 ? "none" : plan.approvals.map((one) => html`<div>${one.person} <span class="dim mono">${one.key}</span></div>`)}
        </td>
      </tr>`,
  );
  return html`<h2>What was planned and who approved it</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>plan</th>
            <th>part</th>
            <th>state</th>
            <th>steps and targets</th>
            <th>made</th>
            <th>approved by</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`;
}

const STATES = ["done", "gone", "unreachable", "refused", "unknown", "waiting"] as const;

function done({ runs }: ReportModel): Html | "" {
  if (runs.length === 0) return "";
  return html`<h2>What was done, and with what outcome</h2>
    ${runs.map(
      (run) =>
        html`<h3>
            Run ${run.number} <span class="state">${run.progress.state}</span>
            <span class="dim"
              >plan <code>${run.plan.slice(0, 8)}</code>, by ${run.applied_by},
              ${time(run.applied_at)}</span
            >
          </h3>
          <div class="scroll">
            <table>
              <thead>
                <tr>
                  <th>step</th>
                  ${STATES.map((state) => html`<th class="n">${state}</th>`)}
                </tr>
              </thead>
              <tbody>
                ${run.progress.steps.map(
                  (step) =>
                    html`<tr>
                      <td>
                        ${step.name}${stacked(
                          step.name,
                          STATES.map((state) => ({ state, value: step[state] })),
                        )}
                      </td>
                      ${STATES.map((state) => html`<td class="n">${number(step[state])}</td>`)}
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>`,
    )}`;
}

function left({ open, clocks, view }: ReportModel): Html {
  return html`<h2>What is left, and what is due</h2>
    ${
      open.length === 0
        ? html`<p>Nothing is open.</p>`
        : html`<ul>
            ${open.map((one) => html`<li>${one}</li>`)}
          </ul>`
    }
    ${(view?.warnings ?? []).map((one) => html`<p class="warning">${one.message}</p>`)}
    ${
      clocks.length === 0
        ? ""
        : html`<div class="scroll">
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
                        <td>${clock.due ? time(clock.due) : "without undue delay"}</td>
                        <td class="${clock.state === "overdue" ? "overdue" : ""}">
                          ${clock.state}
                          <div class="dim">${clock.why}</div>
                        </td>
                        <td>${clock.lacks.join("; ") || "nothing"}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>
            <p class="dim">A calculation from the decisions on record, not legal advice.</p>`
    }`;
}

function timeline({ timeline: entries }: ReportModel): Html {
  return html`<h2>Timeline</h2>
    <ol class="timeline">
      ${entries.map(
        (one) =>
          html`<li class="kind-${one.kind}">
            <time class="dim" datetime="${one.at}">${time(one.at)}</time>
            ${one.text}${one.by ? html` <span class="dim">— ${one.by}</span>` : ""}
          </li>`,
      )}
    </ol>`;
}

function evidence({ evidence: all }: ReportModel): Html | "" {
  if (all.length === 0) return "";
  return html`<h2>Evidence</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>key</th>
            <th>kind</th>
            <th class="n">bytes</th>
            <th class="n">rows</th>
            <th class="n">set aside</th>
            <th>SHA-256</th>
            <th>columns</th>
          </tr>
        </thead>
        <tbody>
          ${all.map(
            (one) =>
              html`<tr>
                <td>${one.key}</td>
                <td>${one.kind}</td>
                <td class="n">${number(one.bytes)}</td>
                <td class="n">${one.rows === null ? "–" : number(one.rows)}</td>
                <td class="n">${one.setAside === null ? "–" : number(one.setAside)}</td>
                <td class="mono">${one.sha256}</td>
                <td>
                  ${one.columns.map((column) => html`<div>${column.column}: ${column.category ?? "not personal"} <span class="dim">(${column.how})</span></div>`)}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function proofs({ proof }: ReportModel): Html {
  if (!proof)
    return html`<h2>Proof</h2>
      <p>The ledger has no checkpoint yet.</p>`;
  return html`<h2>Proof</h2>
    <p>
      All of the above is in an append-only ledger of ${number(proof.size)} entries (RFC 6962),
      whose root is signed. <code>tocsin ledger verify</code> recomputes it;
      <code>tocsin ledger prove</code> gives the proof of one notice or outcome, which anybody can
      check with the key below.
    </p>
    <pre>${proof.note}</pre>
    <p class="mono">${proof.key}</p>`;
}
