// What the laws demand of an incident by when, from the decision *aware*. A calculation, not legal advice.
import type { Context } from "../db/context.ts";
import { decisionsOf, holdsOf, type DecisionRow } from "./decisions.ts";
import { runs } from "./runs.ts";
import type { IncidentFile } from "../config/incident-file.ts";
import { incidentRow, readFileOf } from "./incident.ts";
import { planViewOf } from "./plan/plan-row.ts";
import type { PlanView } from "./plan/plan-view.ts";

export type Clock = {
  readonly regime: "gdpr" | "uk-gdpr" | "us-ca";
  /** `GDPR 33`. */
  readonly duty: string;
  readonly tell: string;
  readonly source: string;
  /** Null where the law gives no fixed time, or where nothing has started it. */
  readonly due: string | null;
  readonly state: "not-started" | "running" | "overdue" | "met" | "not-owed";
  readonly why: string;
  /** What its content still lacks. */
  readonly lacks: readonly string[];
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Known = {
  readonly now: Date;
  readonly aware: DecisionRow | undefined;
  readonly file: IncidentFile;
  readonly view: PlanView | undefined;
  readonly decisions: readonly DecisionRow[];
  /** The first run that handed notices over, if one did. */
  readonly told: Date | undefined;
  /** Notices without an outcome. */
  readonly onTheirWay: number;
  readonly refuted: DecisionRow | undefined;
  readonly onHold: DecisionRow | undefined;
};

/**
 * The clocks of the laws that incident.yaml names, the one that is due next first. None where there is no readable file: a
 * typing mistake in it must not take the hand-over away at night.
 */
export async function clocksOf(ctx: Context, name: string): Promise<Clock[]> {
  await incidentRow(ctx, name);
  const read = await readFileOf(ctx, name);
  if (!read.ok) return [];
  const { file } = read;
  const decisions = await decisionsOf(ctx, name);
  const known: Known = {
    now: ctx.clock.now(),
    file,
    decisions,
    refuted: decisions.findLast((one) => one.what === "refute"),
    aware: decisions.findLast((one) => one.what === "aware" && one.ended_by === null),
    view: await planViewOf(ctx, name),
    ...(await toldBy(ctx, name)),
    onHold: (await holdsOf(ctx, name))[0],
  };
  const clocks = file.obligations.flatMap((regime) => REGIMES[regime](known));
  const owed = known.refuted ? clocks.map((one) => unowed(one, known.refuted?.number)) : clocks;
  return owed.toSorted((a, b) => (a.due ?? "9999").localeCompare(b.due ?? "9999"));
}

async function toldBy(ctx: Context, incident: string): Promise<Pick<Known, "told" | "onTheirWay">> {
  let told: Date | undefined;
  let onTheirWay = 0;
  for (const run of await runs(ctx, { incident })) {
    const notices = run.progress.steps.filter((step) => step.kind === "notice");
    if (notices.some((step) => step.done > 0)) told ??= run.applied_at;
    onTheirWay += notices.reduce((sum, step) => sum + step.waiting, 0);
  }
  return { told, onTheirWay };
}

function unowed(clock: Clock, decision: number | undefined): Clock {
  if (clock.state === "met") return clock;
  const why = `refuted by decision ${decision}: there was no breach`;
  return { ...clock, due: null, state: "not-owed", why, lacks: [] };
}

const REGIMES = {
  gdpr: (known: Known) => gdpr(known, EU),
  "uk-gdpr": (known: Known) => gdpr(known, UK),
  "us-ca": california,
} as const;

const EU = {
  regime: "gdpr",
  name: "GDPR",
  authority: "the lead supervisory authority",
  source: "Regulation (EU) 2016/679, Articles 33 and 34",
} as const;
const UK = {
  regime: "uk-gdpr",
  name: "UK GDPR",
  authority: "the Information Commissioner",
  source: "UK GDPR, Articles 33 and 34",
} as const;

// Article 33(1): 72 hours after having become aware. Article 34(1): without undue delay, where the risk is high.
function gdpr(known: Known, law: typeof EU | typeof UK): Clock[] {
  const filed = decided(known, `${law.regime} 33 filed`);
  const due = known.aware ? new Date(known.aware.effective_at.getTime() + 72 * HOUR_MS) : undefined;
  const authority: Clock = {
    regime: law.regime,
    duty: `${law.name} 33`,
    tell: law.authority,
    source: law.source,
    due: due?.toISOString() ?? null,
    state: filed ? "met" : stateOf(known, due),
    why: filed ? `decision ${filed.number}` : (startedBy(known) ?? "72 hours from becoming aware"),
    lacks: filed
      ? []
      : [...lacksOfFacts(known), ...lacksOfMeasures(known), ...lacksOfTime(known, due)],
  };
  const people: Clock = {
    ...authority,
    duty: `${law.name} 34`,
    tell: "the data subjects, where the risk to them is high",
    due: null,
    state: known.told ? "met" : known.aware ? "running" : "not-started",
    why: known.told
      ? `notices since ${known.told.toISOString().slice(0, 16).replace("T", " ")} UTC`
      : held(known, "without undue delay"),
    lacks: lacksOfNotices(known),
  };
  return [authority, people];
}

// Cal. Civ. Code 1798.82(a)(2): 30 calendar days of discovery; (f): over 500 residents, a sample to the Attorney General within 15
// calendar days of notifying them. As in force since 1 January 2026.
const CALIFORNIA = {
  regime: "us-ca",
  source: "Cal. Civ. Code § 1798.82(a)(2), (f)",
} as const;

function california(known: Known): Clock[] {
  const residents = californians(known.view);
  return [californiaPeople(known, residents), californiaAttorney(known, residents)];
}

function californiaPeople(known: Known, residents: number | undefined): Clock {
  const who = residents === undefined ? "the" : residents.toLocaleString("en-US");
  const of = { ...CALIFORNIA, duty: "California 1798.82", tell: `${who} residents of California` };
  if (residents === 0) {
    return { ...of, due: null, state: "not-owed", why: "nobody affected lives there", lacks: [] };
  }
  const due = known.aware && new Date(known.aware.effective_at.getTime() + 30 * DAY_MS);
  const uncounted = ["how many live in California: the registry has no region"];
  return {
    ...of,
    due: due?.toISOString() ?? null,
    state: known.told ? "met" : stateOf(known, due),
    why: known.told
      ? `notices since ${known.told.toISOString().slice(0, 16).replace("T", " ")} UTC`
      : held(known, "30 calendar days from discovery"),
    lacks: [...lacksOfNotices(known), ...(residents === undefined ? uncounted : [])],
  };
}

function californiaAttorney(known: Known, residents: number | undefined): Clock {
  const of = {
    ...CALIFORNIA,
    duty: "California 1798.82(f)",
    tell: "the Attorney General: a sample of the notice",
    lacks: [],
  };
  if (residents !== undefined && residents <= 500) {
    return { ...of, due: null, state: "not-owed", why: "500 residents or fewer" };
  }
  const filed = decided(known, "us-ca attorney general filed");
  const due = known.told && new Date(known.told.getTime() + 15 * DAY_MS);
  return {
    ...of,
    due: due?.toISOString() ?? null,
    state: filed ? "met" : stateOf(known, due),
    why: filed
      ? `decision ${filed.number}`
      : "15 calendar days from telling more than 500 residents",
  };
}

function stateOf(known: Known, due: Date | undefined): Clock["state"] {
  if (!due) return "not-started";
  return known.now > due ? "overdue" : "running";
}

function startedBy({ aware }: Known): string | undefined {
  return aware ? `aware by decision ${aware.number}` : undefined;
}

function held(known: Known, otherwise: string): string {
  return known.onHold ? `on hold by decision ${known.onHold.number}` : otherwise;
}

/** A filing is recorded as a decision whose reason begins with these words. */
function decided(known: Known, words: string): DecisionRow | undefined {
  return known.decisions.find(
    (one) => one.what === "other" && one.because.toLowerCase().startsWith(words),
  );
}

// Article 33(3)(a).
function lacksOfFacts({ file, view, aware }: Known): string[] {
  return [
    ...(aware ? [] : ["the decision when the company became aware"]),
    ...(file.window ? [] : ["when it happened (window)"]),
    ...(view ? [] : ["the number of people and records: no plan yet"]),
    ...(file.summary === undefined
      ? ["the nature of the breach and its likely consequences (summary)"]
      : []),
  ];
}

// Article 33(1): a later notification is accompanied by reasons for the delay.
function lacksOfTime({ now }: Known, due: Date | undefined): string[] {
  return due && now > due ? ["the reasons for the delay"] : [];
}

// Article 33(3)(d).
function lacksOfMeasures({ file }: Known): string[] {
  return file.actions.length > 0 ? [] : ["the measures taken (actions)"];
}

function lacksOfNotices({ file, told, onTheirWay }: Known): string[] {
  if (told) {
    const many = `${onTheirWay.toLocaleString("en-US")} notices are on their way`;
    return onTheirWay > 0 ? [many] : [];
  }
  return file.notices.length > 0 ? ["the notices are not sent"] : ["notices and their texts"];
}

/** Undefined where the registry says nothing of regions. */
function californians(view: PlanView | undefined): number | undefined {
  const regions = view?.cohorts.flatMap((cohort) => cohort.regions) ?? [];
  if (regions.length === 0) return undefined;
  return Math.max(
    0,
    ...regions
      .filter((one) => one.region === "US-CA" || one.region === "CA")
      .map((one) => one.people),
  );
}
