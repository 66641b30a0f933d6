// What a careful colleague would say before the plan is approved.
import { actionOf } from "../../contain/action-of.ts";
import { z } from "zod";
import { registryOf } from "../../contain/registry-of.ts";
import { titleOf } from "../../core/categories.ts";
import type { Context } from "../../db/context.ts";
import { cohortSql } from "../../scope/cohort-sql.ts";
import { accountsElsewhere } from "../draft/targets.sql.ts";
import { reviewTemplates } from "../../notices/review-templates.ts";
import { registryStatus } from "../../registry/registry-status.ts";
import type { CohortFigure } from "../../scope/cohort-figures.ts";
import type { Incident } from "../incident.ts";
import { noticeFacts, peopleAtDomains } from "../draft/notice-facts.ts";
import type { FilledStep } from "../draft/fill-draft.ts";
import type { PlanForm } from "./plan-form.ts";
import type { PlanWarning } from "./plan-view.ts";

export type WarningsOf = {
  readonly draft: string;
  readonly form: PlanForm;
  readonly steps: readonly FilledStep[];
  readonly cohorts: readonly CohortFigure[];
};

const STALE_MS = 24 * 3_600_000;

export async function warningsOf(
  ctx: Context,
  incident: Incident,
  of: WarningsOf,
): Promise<PlanWarning[]> {
  return [
    ...ofPeople(incident, of),
    ...ofExposures(ctx, incident, of),
    ...ofActions(ctx, incident, of),
    ...(await ofOtherRegistries(ctx, incident, of)),
    ...(await ofNotices(ctx, incident, of)),
    ...(await ofRegistry(ctx)),
  ];
}

function count(n: number, one: string, many: string): string {
  return `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;
}

// The largest figure over the cohorts: they overlap, so a sum would count people twice.
function most(cohorts: readonly CohortFigure[], of: (one: CohortFigure) => number): number {
  return Math.max(0, ...cohorts.map(of));
}

type PeopleWarning = {
  readonly code: string;
  readonly of: (one: CohortFigure) => number;
  readonly says: (n: number) => string;
  /** An option of `tocsin people` that lists them. */
  readonly list?: string;
};

const PEOPLE: readonly PeopleWarning[] = [
  {
    code: "do-not-contact",
    of: (one) => one.doNotContact,
    says: (n) => `${count(n, "person is", "people are")} marked do-not-contact: listed, not told`,
    list: "--do-not-contact",
  },
  {
    code: "unregistered",
    of: (one) => one.unregistered,
    says: (n) =>
      `${count(n, "person is", "people are")} in the evidence and not in the registry: not told by this plan`,
    list: "--unregistered",
  },
  {
    code: "ambiguous",
    of: (one) => one.ambiguous,
    says: (n) =>
      `${count(n, "identifier points", "identifiers point")} to two people: never told automatically`,
    list: "--ambiguous",
  },
  {
    code: "minors",
    of: (one) => one.minors,
    says: (n) =>
      `${count(n, "person is a minor", "people are minors")}: their guardians are written to`,
  },
  {
    code: "estates",
    of: (one) => one.estates,
    says: (n) =>
      `${count(n, "account belongs", "accounts belong")} to an estate: its contact is written to`,
  },
  {
    code: "several-accounts",
    of: (one) => one.severalAccounts,
    says: (n) =>
      `${count(n, "person owns", "people own")} several of the accounts: one message names them all`,
  },
];

function ofPeople(incident: Incident, { cohorts, steps }: WarningsOf): PlanWarning[] {
  const warnings: PlanWarning[] = PEOPLE.flatMap(({ code, of, says, list }) => {
    const n = most(cohorts, of);
    if (n === 0) return [];
    const command =
      list === undefined ? {} : { command: `tocsin people ${incident.row.name} ${list}` };
    return [{ code, message: says(n), ...command }];
  });
  const without = steps.reduce((sum, step) => sum + step.withoutAddress, 0);
  if (without > 0) {
    const who = count(without, "person has", "people have");
    warnings.push({
      code: "no-address",
      message: `${who} no usable address: they end as unreachable`,
    });
  }
  return warnings;
}

function ofExposures(ctx: Context, incident: Incident, { cohorts }: WarningsOf): PlanWarning[] {
  const warnings: PlanWarning[] = [];
  const weak = most(cohorts, (one) => gradeCount(one, "weak"));
  if (weak > 0) {
    warnings.push({
      code: "weak-hash",
      message: `${count(weak, "account has", "accounts have")} a weak password hash: treat the password as read`,
    });
  }
  const ended = new Set(
    incident.file.actions.flatMap((action) => actionOf(ctx.organisation, action.do).ends),
  );
  const exposed = new Set(
    cohorts.flatMap((one) => one.categories.map((category) => category.category)),
  );
  for (const category of exposed) {
    const harmful = category.startsWith("token.") || category.startsWith("user.authorization");
    if (!harmful || ended.has(category)) continue;
    warnings.push({
      code: "not-contained",
      message: `${titleOf(category, "en")} was exposed and no action ends it`,
    });
  }
  return warnings;
}

function gradeCount(cohort: CohortFigure, grade: string): number {
  const details = cohort.categories.flatMap((category) => category.details);
  return details
    .filter((detail) => detail.grade === grade)
    .reduce((sum, detail) => sum + detail.accounts, 0);
}

function ofActions(ctx: Context, incident: Incident, { form, steps }: WarningsOf): PlanWarning[] {
  const warnings: PlanWarning[] = [];
  if (form.approvals.over_ceiling && ctx.organisation.approvals.ceiling.alarm.length === 0) {
    const message = "over the ceiling, and nobody is on the alarm's list: the delay alone protects";
    warnings.push({ code: "no-alarm", message });
  }
  for (const step of steps) {
    if (step.kind !== "contain") continue;
    const action = actionOf(ctx.organisation, step.name);
    if (action.writesToOwners !== undefined && form.part === "contain" && step.targets > 0) {
      const later =
        incident.file.notices.length === 0 ? "no notice is planned yet" : "the notices come after";
      warnings.push({
        code: "far-side-writes",
        message: `${action.writesToOwners} writes to ${count(step.people, "owner", "owners")} itself as it revokes; ${later}`,
      });
    }
    if (!action.watching && !action.traits.readBack) {
      warnings.push({
        code: "not-provable",
        message: `${step.title}: nothing reads back whether it was done`,
      });
    }
    if (step.targets === 0)
      warnings.push({ code: "no-targets", message: `${step.title} has no targets left` });
  }
  return warnings;
}

const Accounts = z.object({ accounts: z.number() });

async function ofOtherRegistries(
  ctx: Context,
  { file }: Incident,
  { steps }: WarningsOf,
): Promise<PlanWarning[]> {
  const warnings: PlanWarning[] = [];
  for (const step of steps) {
    const registry = registryOf(ctx.organisation, step.through);
    if (step.kind !== "contain" || step.secret !== undefined || registry === undefined) continue;
    const click = await ctx.click();
    const sql = accountsElsewhere(cohortSql(file, step.to));
    const [found] = await click.query(Accounts, sql, { registry });
    if (!found || found.accounts === 0) continue;
    const who = count(found.accounts, "account is", "accounts are");
    const message = `${step.title}: ${who} not of the registry ${registry}, which ${step.through} acts on: left out`;
    warnings.push({ code: "other-registry", message });
  }
  return warnings;
}

async function ofNotices(
  ctx: Context,
  incident: Incident,
  { draft, steps }: WarningsOf,
): Promise<PlanWarning[]> {
  const warnings: PlanWarning[] = [];
  for (const step of steps) {
    if (!step.templates) continue;
    const hasWindow = incident.file.window !== undefined;
    const correction = step.kind === "correction";
    const facts = await noticeFacts(ctx, { draft, step: step.number, hasWindow, correction });
    if (facts.people > 0) {
      for (const { code, message, at } of reviewTemplates(step.templates, facts)) {
        warnings.push({ code, message: `${at} ${message}` });
      }
    }
    const domains = incident.file.compromised_mailboxes;
    const unsafe = await peopleAtDomains(ctx, { draft, step: step.number, domains });
    if (unsafe > 0) {
      const who = count(unsafe, "person is", "people are");
      const message = `${who} reached only in a mailbox that the intruder may read: choose another way`;
      warnings.push({ code: "compromised-mailbox", message });
    }
    const provider = ctx.organisation.mail?.providers[step.through];
    if (provider && !provider.signs && !ctx.organisation.mail?.dkim) {
      const message = `${step.name}: nothing signs the notices with DKIM; they may be taken for phishing`;
      warnings.push({ code: "unsigned", message });
    }
  }
  return warnings;
}

async function ofRegistry(ctx: Context): Promise<PlanWarning[]> {
  const warnings: PlanWarning[] = [];
  for (const one of await registryStatus(ctx)) {
    const age = one.last
      ? ctx.clock.now().getTime() - Date.parse(one.last.at)
      : Number.POSITIVE_INFINITY;
    if (age > STALE_MS) {
      const since = one.last
        ? `was refreshed ${Math.round(age / 3_600_000)} h ago`
        : "was never read";
      warnings.push({
        code: "stale-registry",
        message: `the registry ${one.registry} ${since}`,
        command: "tocsin registry refresh",
      });
    }
  }
  return warnings;
}
