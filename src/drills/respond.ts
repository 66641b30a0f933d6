// What Example Cloud's people do when the breach comes: each step is a command that a person would type. They see what
// Tocsin prints and nothing else.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { APPROVERS, INCIDENT, type Organisation } from "./drill-organisation.ts";
import type { Tocsin } from "./tocsin-process.ts";

export type Team = {
  readonly tocsin: Tocsin;
  readonly organisation: Organisation;
  /** Tells the story. */
  readonly say: (line: string) => void;
};

const Count = z.number();
const Cohort = z.looseObject({
  name: z.string(),
  accounts: Count,
  people: Count,
  unregistered: Count,
  doNotContact: Count,
});

/** The part of `tocsin plan --json` that a drill looks at. */
export const PlanShown = z.looseObject({
  digest: z.string(),
  form: z.looseObject({
    steps: z.array(z.looseObject({ name: z.string(), title: z.string(), targets: Count })),
    approvals: z.looseObject({ people: Count }),
  }),
  view: z.looseObject({
    total: Count,
    cohorts: z.array(Cohort),
    evidence: z.array(z.looseObject({ key: z.string(), rows: Count, setAside: Count })),
    warnings: z.array(z.looseObject({ code: z.string() })),
  }),
});
export type PlanShown = z.output<typeof PlanShown>;

const Step = z.looseObject({
  name: z.string(),
  state: z.string(),
  total: Count,
  done: Count,
  refused: Count,
  unreachable: Count,
  gone: Count,
  unknown: Count,
  waiting: Count,
});
export type RunStep = z.output<typeof Step>;

/** The part of `tocsin runs --json` and `tocsin apply --wait --json` that a drill looks at. */
export const RunShown = z.looseObject({
  number: Count,
  part: z.string(),
  wave: Count,
  progress: z.looseObject({ state: z.string(), steps: z.array(Step) }),
});
export type RunShown = z.output<typeof RunShown>;

/** Takes the incident in and decides that it is one. */
export async function open({ tocsin, say }: Team): Promise<void> {
  await tocsin.run(["new", INCIDENT]);
  await tocsin.run([
    "decide",
    INCIDENT,
    "aware",
    "--because",
    "the dump holds rows of our accounts database; the audit log shows the query",
  ]);
  await tocsin.run([
    "decide",
    INCIDENT,
    "declare",
    "--because",
    "190,000 accounts, tokens among them",
  ]);
  say("the incident is declared");
}

export async function plan({ tocsin }: Team, part?: "contain" | "notify"): Promise<PlanShown> {
  return PlanShown.parse(await tocsin.run(["plan", INCIDENT, ...(part ? ["--only", part] : [])]));
}

/** As many approvers sign as the plan wants, each with a key of his own. */
export async function approve(
  { tocsin, organisation, say }: Team,
  shown: PlanShown,
): Promise<void> {
  for (const [n, person] of APPROVERS.slice(0, shown.form.approvals.people).entries()) {
    const key = organisation.keys[n] ?? "";
    await tocsin.run(["approve", shown.digest, "--sign", key, "--as", person], { actor: person });
  }
  say(`approved by ${shown.form.approvals.people}: ${shown.digest.slice(0, 8)}`);
}

/** Applies and stays until the run has ended, but for what only others can do. */
export async function apply({ tocsin, say }: Team, shown: PlanShown): Promise<RunShown> {
  const run = RunShown.parse(await tocsin.run(["apply", shown.digest, "--wait"]));
  for (const step of run.progress.steps) say(`  ${stepLine(step)}`);
  return run;
}

function stepLine(step: RunStep): string {
  const others = (["refused", "unreachable", "gone", "unknown", "waiting"] as const).filter(
    (state) => step[state] > 0,
  );
  return [
    `${step.name}: ${number(step.done)} of ${number(step.total)} done`,
    ...others.map((state) => `${number(step[state])} ${state}`),
  ].join(", ");
}

export function number(value: number): string {
  return value.toLocaleString("en-US");
}

const ANSWER_WITHIN_MS = 60_000;

/** Reads the vendor's answer when it has come by mail, and puts it down. */
export async function recordVendorAnswer({ tocsin, say }: Team, folder: string): Promise<void> {
  for (const since = Date.now(); ; await delay(200)) {
    const [name] = await readdir(folder);
    if (name !== undefined) {
      const mail = await readFile(join(folder, name), "utf8");
      const ticket = /\[(SEC-\d+)\]/.exec(mail)?.[1] ?? "";
      const says = mail.split("\r\n\r\n")[1]?.trim() ?? "";
      await tocsin.run([
        "vendor",
        "answer",
        INCIDENT,
        "atlassian",
        "--carried-out",
        "all",
        "--ticket",
        ticket,
        "--says",
        says,
      ]);
      say(`Atlassian answers by mail: ${ticket}`);
      return;
    }
    if (Date.now() - since > ANSWER_WITHIN_MS)
      throw new Error("the vendor's desk was not written to");
  }
}

export async function runs({ tocsin }: Team): Promise<RunShown[]> {
  return z.array(RunShown).parse(await tocsin.run(["runs", INCIDENT]));
}

const SEEN_WITHIN_MS = 90_000;

/** Looks at the runs until Tocsin has seen what customers did, as it comes round to each of them. */
export async function seeLinkedAgain(team: Team, wanted: number): Promise<void> {
  for (const since = Date.now(); Date.now() - since < SEEN_WITHIN_MS; await delay(1_000)) {
    const steps = (await runs(team)).flatMap((run) => run.progress.steps);
    if (linkedAgain(steps) >= wanted) return;
  }
}

export function linkedAgain(steps: readonly RunStep[]): number {
  const these = steps.filter(({ name }) => name === "hub.link-again");
  return these.reduce((total, { done }) => total + done, 0);
}
