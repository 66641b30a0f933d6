// The drill docker-hub-2019: Example Cloud is breached as Docker Hub was, its people answer with Tocsin's commands, and
// what came of it is then looked at from outside. Tocsin gets nothing here that a company would not give it.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type postgres from "postgres";
import { TocsinError } from "../core/errors.ts";
import { postgresOptions } from "../db/postgres-address.ts";
import { connectPostgres } from "../db/postgres-driver.ts";
import { check, type Check } from "./check.ts";
import { checkMessages, type MailFigures } from "./check-messages.ts";
import { FOUND_IN_DUMP } from "./expected.sql.ts";
import { checkStores, imageDigests, untouchedChanged } from "./check-stores.ts";
import { addSecondDump, INCIDENT, makeOrganisation } from "./drill-organisation.ts";
import { drillFolder, endPostgres, removeDrill } from "./drill-leftovers.ts";
import { phasesOf, type Times } from "./drill-phases.ts";
import type { DrillResult } from "./drill-result.ts";
import { GITHUB_TIMES_FASTER } from "./example-cloud/example-cloud.ts";
import { type ExampleCloudChild, startExampleCloud } from "./example-cloud-child.ts";
import { leakSizes } from "./example-cloud/leak.sql.ts";
import { BROKEN_ROWS } from "./example-cloud/make-breach.ts";
import {
  apply,
  approve,
  linkedAgain,
  number,
  open,
  plan,
  type PlanShown,
  recordVendorAnswer,
  seeLinkedAgain,
  type RunStep,
  runs,
  type Team,
} from "./respond.ts";
import { openTocsin } from "./tocsin-process.ts";

export const DRILLS = ["docker-hub-2019"] as const;

export type DrillInput = {
  readonly name: string;
  readonly scale: number;
  readonly seed: number;
  /** Leaves the folder for a look. */
  readonly keep: boolean;
  /** Seconds; 0: never. */
  readonly killEvery: number;
  /** A new folder is made below it; by default below the system's temporary one. */
  readonly folder?: string;
  /** Words before a command's own: a program and its first arguments. */
  readonly tocsin: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
};

/** Rehearses, checks and cleans up. `ok` tells the outcome; what is thrown is a drill that could not be held. */
export async function runDrill(input: DrillInput): Promise<DrillResult> {
  if (input.name !== INCIDENT)
    throw new TocsinError("not_found", `there is no drill ${input.name}: ${DRILLS.join(", ")}`);
  const folder = await drillFolder(input.folder);
  const dataFolders = [join(folder, "example-cloud"), join(folder, "organisation", ".tocsin")];
  try {
    return await held(input, folder);
  } finally {
    await endPostgres(dataFolders);
    if (!input.keep) await removeDrill(folder, dataFolders);
  }
}

type Stage = {
  readonly input: DrillInput;
  readonly folder: string;
  readonly cloud: ExampleCloudChild;
  readonly sql: postgres.Sql;
  readonly team: Team;
  readonly digests: readonly string[];
  readonly say: (line: string) => void;
};

async function held(input: DrillInput, folder: string): Promise<DrillResult> {
  const begun = Date.now();
  const say = (line: string): void => {
    input.signal.throwIfAborted();
    input.say(`${clock(Date.now() - begun)}  ${line}`);
  };
  await using stack = new AsyncDisposableStack();
  const cloud = stack.use(
    await startExampleCloud({
      folder: join(folder, "example-cloud"),
      seed: input.seed,
      scale: input.scale,
      ends: [join(folder, "organisation", ".tocsin")],
      ...(input.keep ? {} : { removes: folder }),
      signal: input.signal,
      say: (line) => input.say(`${clock(Date.now() - begun)}  ${line}`),
    }),
  );
  const made = seconds(begun);
  const sql = connectPostgres({
    ...postgresOptions(cloud.doors.owner),
    max: 2,
    onnotice: () => {},
  });
  stack.defer(async () => await sql.end({ timeout: 1 }));
  const organisation = await makeOrganisation(
    join(folder, "organisation"),
    cloud.doors,
    new Date(),
  );
  const tocsin = stack.use(
    openTocsin(
      tocsinInput(input, { folder: organisation.folder, log: join(folder, "tocsin.log"), cloud }),
    ),
  );
  const digests = await imageDigests(cloud.doors);
  const team = { tocsin, organisation, say };
  const story = await tell({ input, folder, cloud, sql, team, digests, say });
  return await judge({ input, folder, cloud, sql, team, digests, say }, { ...story, made });
}

type Around = { readonly folder: string; readonly log: string; readonly cloud: ExampleCloudChild };

function tocsinInput(
  input: DrillInput,
  { folder, log, cloud }: Around,
): Parameters<typeof openTocsin>[0] {
  return {
    argv: input.tocsin,
    environment: input.environment,
    folder,
    log,
    killEveryMs: input.killEvery * 1_000,
    signal: input.signal,
    watch: (pid) => cloud.watch(pid),
    forget: (pid) => cloud.forget(pid),
  };
}

type Story = Omit<Times, "lastNoticeAt"> & {
  readonly registry: number;
  readonly plan: PlanShown;
  readonly listedSilent: number;
  readonly relinked: number;
};

async function tell(stage: Stage): Promise<Story> {
  const { team, say } = stage;
  const refreshing = Date.now();
  await team.tocsin.run(["registry", "refresh"], { alone: true });
  const registry = seconds(refreshing);
  await team.tocsin.serve();
  say("a dump arrives");
  const arrivedAt = new Date();
  await open(team);
  const contain = await plan(team, "contain");
  const listedAt = new Date();
  for (const cohort of contain.view.cohorts)
    say(`  ${cohort.name}: ${number(cohort.accounts)} accounts of ${number(cohort.people)} people`);
  await approve(team, contain);
  const containedFrom = new Date();
  await apply(team, contain);
  const relinked = await relinkSome(stage);
  const notifyFrom = new Date();
  await planApproveApply(team, "notify");
  say("a second dump arrives, and word that some rows of the first were wrongly in it");
  const secondFrom = new Date();
  await addSecondDump(team.organisation, stage.cloud.doors);
  await planApproveApply(team);
  const secondTo = new Date();
  await recordVendorAnswer(team, stage.cloud.doors.desk.folder);
  await seeLinkedAgain(team, relinked);
  return {
    registry,
    arrivedAt,
    listedAt,
    containedFrom,
    notifyFrom,
    secondFrom,
    secondTo,
    plan: contain,
    listedSilent: await listSilent(team),
    relinked,
  };
}

async function planApproveApply(team: Team, part?: "notify"): Promise<void> {
  const shown = await plan(team, part);
  await approve(team, shown);
  await apply(team, shown);
}

// Example Cloud's customers, at their own keyboards.
async function relinkSome({ sql, input, say }: Stage): Promise<number> {
  const { relinked } = leakSizes(input.scale);
  await sql`
    update builds set linked = true, relinked_at = now() where account_id in (
      select account_id from builds join truth.leak on account = account_id
      where unlinked_at is not null and (github1 or bitbucket1) group by account_id order by account_id limit ${relinked})`;
  say(`${number(relinked)} customers link their builds again`);
  return relinked;
}

async function listSilent({ tocsin }: Team): Promise<number> {
  const listed = await tocsin.run(["people", INCIDENT, "--do-not-contact", "--limit", "10000"]);
  const people = Array.isArray(listed)
    ? listed
    : typeof listed === "object" && listed !== null && "people" in listed
      ? listed.people
      : [];
  return Array.isArray(people) ? people.length : 0;
}

async function judge(stage: Stage, story: Story & { readonly made: number }): Promise<DrillResult> {
  const { team, sql, cloud, input, say } = stage;
  const applied = await runs(team);
  const steps = applied.flatMap((run) => run.progress.steps);
  const verified = await team.tocsin.run(["ledger", "verify"]).then(
    () => 1,
    () => 0,
  );
  const report = await writeReport(stage);
  await team.tocsin.run(["close", INCIDENT, "--because", "contained, everybody told"]);
  await team.tocsin.stop();
  say("checking from outside");
  const checking = Date.now();
  const mail = await checkMessages(sql, cloud.doors, story.secondFrom);
  const checks = [
    ...(await checkStores(sql, cloud.doors, stage.digests)),
    ...mail.checks,
    ...(await checkTold({ sql, story, steps, mail })),
    check("ledger, verified", 1, verified),
  ];
  const unknown = sum(steps, "unknown");
  const phases = await phasesOf(sql, { ...story, lastNoticeAt: mail.lastAt[1] });
  const { customers, cohorts } = await figures(stage, story);
  return {
    drill: INCIDENT,
    ok: checks.every(({ ok }) => ok) && mail.duplicates + mail.lost + mail.wrong + unknown === 0,
    scale: input.scale,
    seed: input.seed,
    checks,
    affected: leakSizes(input.scale).affected,
    customers,
    cohorts,
    notified: mail.notified,
    duplicates: mail.duplicates,
    lost: mail.lost,
    wrong: mail.wrong,
    wrongMessages: mail.examples,
    unknown,
    untouchedChanged: await untouchedChanged(sql),
    seconds: {
      exampleCloudMade: story.made,
      registryRefreshed: story.registry,
      ...Object.fromEntries(phases.map(({ name, seconds: took }) => [name, took])),
      checked: seconds(checking),
    },
    phases,
    peakRssBytes: team.tocsin.peakRssBytes(),
    kills: team.tocsin.kills(),
    spedUp: { "GitHub's clock": GITHUB_TIMES_FASTER },
    ...(input.keep ? { folder: stage.folder, report } : {}),
  };
}

type Told = {
  readonly sql: postgres.Sql;
  readonly story: Story;
  readonly steps: readonly RunStep[];
  readonly mail: MailFigures;
};

/** What Tocsin itself counts and lists, held against what is known outside. */
async function checkTold({ sql, story, steps, mail }: Told): Promise<Check[]> {
  const [found] = await sql.unsafe<{ accounts: number; unregistered: number }[]>(FOUND_IN_DUMP);
  const notices = steps.filter(({ name }) => name.startsWith("notices/"));
  const again = linkedAgain(steps);
  const affected = story.plan.view.cohorts.find(({ name }) => name === "affected");
  const dump = story.plan.view.evidence.find(({ key }) => key === "dump");
  return [
    check("affected accounts found", found?.accounts ?? 0, affected?.accounts ?? 0),
    check(
      "people of closed accounts, counted apart",
      found?.unregistered ?? 0,
      affected?.unregistered ?? 0,
    ),
    check("broken rows of the dump set aside", BROKEN_ROWS.length, dump?.setAside ?? 0),
    check("accounts linked again, seen by Tocsin", story.relinked, again),
    check("people marked do-not-contact, listed", mail.doNotContact, story.listedSilent),
    check(
      "people whose mailbox is dead, counted as unreachable",
      mail.dead,
      sum(notices, "unreachable"),
    ),
  ];
}

function sum(steps: readonly RunStep[], state: "unknown" | "unreachable"): number {
  return steps.reduce((total, step) => total + step[state], 0);
}

async function writeReport({ team, folder }: Stage): Promise<string> {
  const path = join(folder, "report.html");
  const said = await team.tocsin.run(["report", INCIDENT, "--out", path]);
  await writeFile(join(folder, "report.json"), JSON.stringify(said));
  return path;
}

async function figures({ sql }: Stage, { plan: shown }: Story) {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from accounts`;
  const cohorts = shown.view.cohorts.map(({ name, accounts, people }) => ({
    name,
    accounts,
    people,
  }));
  return { customers: row?.n ?? 0, cohorts };
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 100) / 10;
}

function clock(ms: number): string {
  const s = Math.floor(ms / 1_000);
  return `${String(Math.floor(s / 60)).padStart(2, "0")}:${String(s % 60).padStart(2, "0")}`;
}
