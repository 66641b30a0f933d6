import type { RunShown } from "../incidents/runs.ts";
import { duration, number, table, type Terminal } from "./terminal.ts";

const BAR = 25;

export function ended(run: RunShown): boolean {
  return ["complete", "watching", "aborted"].includes(run.progress.state);
}

/** A line a step: bar, how many, how fast, how long; then how those that ended did. */
export function renderRun(run: RunShown, terminal: Terminal): string {
  const rows = run.progress.steps.map((step) => {
    const over = step.done + step.refused + step.unreachable + step.gone + step.unknown;
    const full = step.total === 0 ? BAR : Math.floor((BAR * over) / step.total);
    const bar = "█".repeat(full) + "░".repeat(BAR - full);
    const rate = step.ratePerS && over < step.total ? `${number(step.ratePerS)}/s` : "";
    const left = step.etaMs != null && over < step.total ? `${duration(step.etaMs)} left` : "";
    const why = step.why ? terminal.yellow(reason(step.why)) : "";
    return [
      step.name,
      bar,
      `${number(over)} of ${number(step.total)}`,
      [rate, left, why].filter(Boolean).join(" · "),
      outcomes(step, terminal),
    ];
  });
  const head = `run ${run.incident}/${run.number} · ${run.progress.state}`;
  return [
    terminal.bold(head),
    table(rows),
    ...run.fates.map((one) => came(run, one, terminal)),
  ].join("\n");
}

/** `notify 1: reported afterwards: 9 unreachable, 3 refused`. */
function came(run: RunShown, fates: RunShown["fates"][number], terminal: Terminal): string {
  const name = run.progress.steps.find(({ step }) => step === fates.step)?.name ?? "";
  const { deferred, delivered, refused, unreachable, complained, answered } = fates;
  const parts = [
    unreachable > 0 ? terminal.yellow(`${number(unreachable)} unreachable`) : "",
    refused > 0 ? terminal.yellow(`${number(refused)} refused`) : "",
    deferred > 0 ? `${number(deferred)} delayed` : "",
    delivered > 0 ? `${number(delivered)} delivered` : "",
    complained > 0 ? terminal.yellow(`${number(complained)} complaints`) : "",
    answered > 0 ? `${number(answered)} away` : "",
  ];
  return `${name}: reported afterwards: ${parts.filter(Boolean).join(", ")}`;
}

/** `waits for revoke-token`, `paced by github, 39 s`. */
function reason({ because, detail, forMs }: NonNullable<StepShown["why"]>): string {
  const words = {
    paused: "paused",
    dependency: "waits for",
    breaker: "the far side fails; tried again",
    limited: "the far side asks to wait",
    pace: "at its pace",
    retries: "trying again",
    trouble: "trouble",
    "somebody else": "others have to act",
    "no worker": "no worker runs: tocsin work",
  }[because];
  const what = because === "dependency" ? `${words} ${detail ?? ""}` : words;
  const rest = because === "dependency" ? undefined : detail;
  return [what, rest, forMs === undefined ? "" : duration(forMs)].filter(Boolean).join(" · ");
}

type StepShown = RunShown["progress"]["steps"][number];

function outcomes(step: StepShown, terminal: Terminal): string {
  const parts = [step.done > 0 ? `done ${number(step.done)}` : ""];
  for (const state of ["gone", "refused", "unreachable", "unknown"] as const) {
    if (step[state] > 0) parts.push(terminal.yellow(`${state} ${number(step[state])}`));
  }
  if (step.waiting > 0) parts.push(`waiting ${number(step.waiting)}`);
  return parts.filter(Boolean).join(" · ");
}
