// A plan that a person reads in a minute: what happened, who, what will be done, what cannot be undone, what is unsure, what is next.
import { titleOf } from "../core/categories.ts";
import type { PlanShown } from "../incidents/plan/show-plan.ts";
import { duration, number, table, type Terminal } from "./terminal.ts";

export function renderPlan(plan: PlanShown, terminal: Terminal): string {
  return [
    head(plan, terminal),
    who(plan, terminal),
    what(plan, terminal),
    lookAt(plan, terminal),
    foot(plan, terminal),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function head(plan: PlanShown, terminal: Terminal): string {
  const { incident, view, form } = plan;
  const first = `${terminal.bold(form.title)}\n${incident.state} · lead ${incident.lead}`;
  const window = view.window
    ? `window ${span(view.window.from, view.window.to)}`
    : "window not known";
  const aware = incident.aware
    ? `aware ${time(incident.aware.at)} (decision ${incident.aware.decision})`
    : terminal.yellow("aware: not decided");
  const next = plan.deadlines.find((clock) => clock.state === "running" && clock.due !== null);
  const due = next?.due
    ? `next deadline ${next.duty} in ${duration(Date.parse(next.due) - Date.now())}, ${time(next.due)} UTC`
    : "no clock runs";
  return `${first}\n${window} · ${aware} · ${due}`;
}

function who({ view }: PlanShown, terminal: Terminal): string {
  const rows = view.cohorts.map((cohort) => [
    `  ${cohort.name}`,
    number(cohort.accounts),
    number(cohort.people),
    sureness(cohort),
    categories(cohort),
  ]);
  const shares = view.cohorts.toSorted((a, b) => b.accounts - a.accounts)[0];
  const notes = view.evidence.map(
    (one) =>
      `${one.key}: ${number(one.rows)} ${one.rows === 1 ? "row" : "rows"} read${one.setAside > 0 ? `, ${number(one.setAside)} set aside` : ""}${one.unmatched > 0 ? `, ${number(one.unmatched)} match nobody` : ""}`,
  );
  const share =
    shares && view.total > 0
      ? `  ${((shares.accounts / view.total) * 100).toFixed(1)} % of ${number(view.total)} accounts · ${countries(shares)}`
      : "";
  return [
    table(
      [
        [terminal.bold("Who is affected"), "accounts", "people", "sure", "which of their data"],
        ...rows,
      ],
      [1, 2],
    ),
    share,
    notes.length > 0 ? `  how we know: ${notes.join(" · ")}` : "",
  ]
    .filter((line) => line !== "")
    .join("\n");
}

type Cohort = PlanShown["view"]["cohorts"][number];

function sureness(cohort: Cohort): string {
  const words = [...new Set(cohort.categories.map((category) => category.sureness))];
  return words.length === 1 ? (words[0] ?? "") : words.join(", ");
}

function categories(cohort: Cohort): string {
  return cohort.categories
    .map((category) => {
      const graded = category.details.filter((detail) => detail.detail !== "");
      const graded_text = graded
        .map(
          (one) =>
            `${number(one.accounts)} ${one.detail}${one.grade === "" ? "" : ` (${one.grade})`}`,
        )
        .join(", ");
      return graded_text === ""
        ? titleOf(category.category, "en")
        : `${titleOf(category.category, "en")}: ${graded_text}`;
    })
    .join(" · ");
}

function countries(cohort: Cohort): string {
  const known = cohort.countries.filter((one) => one.country !== "");
  const all = cohort.countries.reduce((sum, one) => sum + one.accounts, 0);
  const top = known
    .slice(0, 3)
    .map((one) => `${one.country} ${Math.round((one.accounts / all) * 100)} %`);
  return `${known.length} countries: ${top.join(", ")}${known.length > 3 ? " …" : ""}`;
}

function what({ form, view }: PlanShown, terminal: Terminal): string {
  if (form.steps.length === 0) return "Nothing would be done.";
  const rows = form.steps.map((step) => {
    const shown = view.steps.find((one) => one.number === step.number);
    return [
      `  ${step.number}  ${step.title}`,
      number(step.targets),
      step.through,
      step.pace ? pace(step.pace) : "—",
      shown?.watching
        ? "others do it"
        : shown?.takesMs === undefined
          ? "—"
          : duration(shown.takesMs),
      step.reversible ? "yes" : terminal.bold("no"),
      step.after.length > 0
        ? `after ${step.after.join(", ")}`
        : step.waits_for.length > 0
          ? `after ${step.waits_for.join(", ")}`
          : "",
    ];
  });
  const title = form.part === "notify" ? "Who will be told" : "What will be done";
  return table(
    [
      [terminal.bold(title), "targets", "through", "at most", "takes", "can be undone", ""],
      ...rows,
    ],
    [1],
  );
}

function pace({ count, perMs }: { count: number; perMs: number }): string {
  const units = { 1000: "s", 60_000: "min", 3_600_000: "h", 86_400_000: "d" } as Readonly<
    Record<number, string>
  >;
  return `${number(count)}/${units[perMs] ?? duration(perMs)}`;
}

function lookAt({ view }: PlanShown, terminal: Terminal): string {
  if (view.warnings.length === 0) return "";
  const rows = view.warnings.map((one) => [
    `  ${terminal.yellow("!")}  ${one.message}`,
    terminal.dim(one.command ?? ""),
  ]);
  return `${terminal.bold("Look at")}\n${table(rows)}`;
}

function foot(plan: PlanShown, terminal: Terminal): string {
  const short = plan.digest.slice(0, 8);
  const open =
    plan.view.undecided.length > 0 ? `Not decided: ${plan.view.undecided.join(", ")}\n` : "";
  const given = plan.approvals.map((one) => one.person).join(", ");
  const have = `Approvals ${plan.approvals.length} of ${plan.form.approvals.people}${given === "" ? "" : ` (${given})`}; not by the planner, ${plan.plannedBy}`;
  const ceiling = plan.form.approvals.over_ceiling
    ? ` · ${terminal.yellow("over the ceiling: it will wait, with an alarm")}`
    : "";
  const next = {
    planned: `tocsin ${plan.approvals.length < plan.form.approvals.people ? "approve" : "apply"} ${short}`,
    applied: "applied",
    cancelled: "cancelled",
  };
  const state =
    plan.state === "applied" || plan.state === "cancelled" ? next[plan.state] : next.planned;
  return `${open}${have}${ceiling}   ${terminal.bold(state)}\nplan ${plan.digest}`;
}

function time(iso: string): string {
  const at = new Date(iso);
  const month = at.toLocaleString("en-GB", { month: "short", timeZone: "UTC" });
  return `${at.getUTCDate()} ${month} ${at.toISOString().slice(11, 16)}`;
}

function span(from: string, to: string): string {
  const same = from.slice(0, 10) === to.slice(0, 10);
  return `${time(from)}–${same ? new Date(to).toISOString().slice(11, 16) : time(to)} UTC`;
}
