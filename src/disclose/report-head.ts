// The first screen: what happened, to whom, what was done about it, and what is left. Everything after it is the proof.
import { html } from "hono/html";
import { titleOf } from "../core/categories.ts";
import type { PlanView } from "../incidents/plan/plan-view.ts";
import { OUTCOMES, type Outcome, stacked } from "./charts.ts";
import type { ReportModel } from "./report-model.ts";
import { country, number, percent, plural, time } from "./words.ts";

type Html = ReturnType<typeof html>;

export function head(model: ReportModel): Html {
  const { incident, organisation, madeAt, view } = model;
  return html`<header id="head">
    <p class="dim">${organisation} · incident ${incident.name} · as of ${time(madeAt)}</p>
    <h1>${incident.title} <span class="state">${incident.state}</span></h1>
    <div class="answers">
      ${answer("What happened", happened(model))} ${answer("Who is affected", who(view))}
      ${answer("What was done", wasDone(model))} ${answer("What is left", left(model))}
    </div>
  </header>`;
}

function answer(title: string, says: Html): Html {
  return html`<section>
    <h2>${title}</h2>
    ${says}
  </section>`;
}

function happened({ incident, view, timeline }: ReportModel): Html {
  const aware = timeline.findLast((one) => one.kind === "decision" && one.text.startsWith("aware"));
  return html`<p>${view?.summary ?? "No summary is written yet."}</p>
    <dl class="facts">
      ${view?.window ? fact("intrusion", `${time(view.window.from)} to ${time(view.window.to)}`) : ""}
      ${fact("company aware", aware ? time(aware.at) : "not decided")}
      ${fact("opened", time(incident.openedAt))}
      ${incident.closedAt ? fact("closed", time(incident.closedAt)) : ""}
      ${fact("lead", incident.lead)}
    </dl>`;
}

function fact(name: string, value: string): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

export function largestOf(view: PlanView | null): PlanView["cohorts"][number] | undefined {
  return view?.cohorts.toSorted((a, b) => b.accounts - a.accounts)[0];
}

function who(view: PlanView | null): Html {
  const largest = largestOf(view);
  if (!view || !largest) return html`<p>Nothing is planned yet, so nobody is counted.</p>`;
  const countries = largest.countries.filter((one) => one.country !== "");
  const top = countries.slice(0, 3).map((one) => country(one.country));
  const data = largest.categories.map((one) => titleOf(one.category, "en"));
  return html`<p class="big"><b>${number(largest.people)}</b> people</p>
    <p>
      ${plural(largest.accounts, "account", "accounts")}, ${percent(largest.accounts, view.total)}
      of ${number(view.total)}, in ${plural(countries.length, "country", "countries")}: most in
      ${top.join(", ")}.
    </p>
    <p>${data.join(", ")}.</p>`;
}

function wasDone(model: ReportModel): Html {
  const steps = totals(model);
  if (steps.size === 0) return html`<p>Nothing was done yet: no plan is applied.</p>`;
  return html`<ul class="done">
    ${[...steps].map(
      ([title, counts]) =>
        html`<li>
          <b>${number(counts.done)}</b> <span class="dim">of ${number(sumOf(counts))}</span>
          ${title} ${stacked(title, counts)}
        </li>`,
    )}
  </ul>`;
}

type Counts = Readonly<Record<Outcome, number>>;

/** By what the step is called, over all runs; steps without a target are left out. */
function totals({ runs, plans }: ReportModel): Map<string, Counts> {
  const sums = new Map<string, Counts>();
  for (const run of runs) {
    const steps = plans.find((one) => one.digest === run.plan)?.form.steps ?? [];
    for (const step of run.progress.steps) {
      if (step.total === 0) continue;
      const title = steps.find((one) => one.number === step.step + 1)?.title ?? step.name;
      sums.set(title, added(sums.get(title) ?? NONE, step));
    }
  }
  return sums;
}

const NONE: Counts = { done: 0, gone: 0, unreachable: 0, refused: 0, unknown: 0, waiting: 0 };

function added(a: Counts, b: Counts): Counts {
  return {
    done: a.done + b.done,
    gone: a.gone + b.gone,
    unreachable: a.unreachable + b.unreachable,
    refused: a.refused + b.refused,
    unknown: a.unknown + b.unknown,
    waiting: a.waiting + b.waiting,
  };
}

const NOT_DONE = ["unreachable", "refused", "unknown", "waiting"] as const;

function notDone(model: ReportModel): string[] {
  return [...totals(model)].flatMap(([title, counts]) => {
    const said = NOT_DONE.filter((state) => counts[state] > 0).map(
      (state) => `${number(counts[state])} ${state}`,
    );
    return said.length === 0 ? [] : [`${title}: ${said.join(", ")}`];
  });
}

function sumOf(counts: Readonly<Record<Outcome, number>>): number {
  return OUTCOMES.reduce((sum, state) => sum + counts[state], 0);
}

function left(model: ReportModel): Html {
  const { open, clocks } = model;
  const next = clocks.find((one) => one.due !== null && ["running", "overdue"].includes(one.state));
  const all = [...notDone(model), ...open];
  const shown = all.slice(0, MOST_LEFT);
  return html`${next ? due(next) : ""}
  ${
    all.length === 0
      ? html`<p>Nothing is open.</p>`
      : html`<ul>
          ${shown.map((one) => html`<li>${one}</li>`)}
          ${all.length > shown.length ? html`<li class="dim">and ${all.length - shown.length} more, below</li>` : ""}
        </ul>`
  }`;
}

const MOST_LEFT = 7;

function due(clock: ReportModel["clocks"][number]): Html {
  const late = clock.state === "overdue";
  return html`<p class="${late ? "overdue" : ""}">
    ${late ? "Overdue" : "Due next"}: <b>${clock.duty}</b>, tell ${clock.tell},
    ${clock.due ? time(clock.due) : ""}.
  </p>`;
}
