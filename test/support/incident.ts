// A small company with one incident, for tests of the plan and of the people's side: a registry, an incident folder, keys to approve
// with, and a far side that is only a function.
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Context } from "../../src/db/context.ts";
import { apply } from "../../src/incidents/apply.ts";
import { approve, type Approval } from "../../src/incidents/approve.ts";
import { openIncident } from "../../src/incidents/open-incident.ts";
import { plan } from "../../src/incidents/plan/plan.ts";
import { SIGNING_NAMESPACE } from "../../src/incidents/plan/plan-form.ts";
import { type PlanShown, showPlan } from "../../src/incidents/plan/show-plan.ts";
import { makeSigningKey, signWithKeyFile } from "../../src/incidents/signing/ssh-key.ts";
import { refreshRegistry } from "../../src/registry/refresh-registry.ts";
import type { Task, TaskOutcome } from "../../src/work/handler.ts";
import { work } from "../../src/work/work.ts";
import { testContext, type TestContext } from "./context.ts";
import { QUICK, testHandler } from "./work.ts";

export const INCIDENT = "inc";

const CUSTOMERS = `id,email,username,name,country,region,language,do_not_contact
1,ann@example.org,ann,Ann,US,US-CA,en,
2,bob@example.org,bob,Bob,DE,,de,
3,ann@example.org,ann2,Ann,US,US-CA,en,
4,dave@example.org,dave,Dave,FR,,fr,
5,eve@example.org,eve,Eve,FR,,fr,asked in 2020
6,fay@example.org,fay,Fay,FR,,fr,
`;

export const ORGANISATION = {
  registry: {
    customers: {
      from: { csv: "customers.csv" },
      key: "id",
      identifiers: { email: "email", username: "username" },
      name: "name",
      country: "country",
      region: "region",
      language: "language",
      do_not_contact: "do_not_contact",
    },
  },
  connectors: {
    accounts: {
      http: { url: "https://accounts.example.cloud" },
      actions: {
        lock: {
          path: "/lock/{{ target.key }}",
          idempotent: true,
          ends: ["user.authorization.password"],
        },
        tell: { path: "/tell/{{ target.key }}", idempotent: true },
      },
    },
  },
  approvals: { ceiling: { share: 1 } },
  mail: {
    from: { name: "Example Cloud", address: "security@example.cloud" },
    providers: { sink: { smtp: "smtp://127.0.0.1:1", streams: ["notices"], tls: "offered" } },
  },
};

const DUMP = `username,email,password
ann,ann@example.org,$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy
bob,bob@example.org,$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy
dave,dave@example.org,
`;

/** What incident.yaml of the scene says, for a test to change. */
export const FILE = {
  incident: INCIDENT,
  title: "Somebody read a table",
  lead: "carol",
  window: { from: "2026-01-04T10:00:00Z", to: "2026-01-04T11:00:00Z" },
  summary: "A table was copied.",
  involved: ["mallory"],
  evidence: { dump: { file: "dump.csv", kind: "records" } } as Record<string, object>,
  cohorts: {
    affected: { in: "dump" },
    hashed: { in: "dump", with: "user.authorization.password" },
  } as Record<string, unknown>,
  actions: [{ do: "accounts.lock", to: "hashed" }] as object[],
  notices: [{ to: "affected", text: "notices/affected" }] as object[],
  obligations: ["gdpr", "uk-gdpr", "us-ca"],
};

export const NOTICE = `# What happened

{{ greeting }}

{{ window }}: {{ accounts }} {{ exposed }}

{{ advice }}

{{ reference }}
`;

export type Scene = TestContext & {
  /** Of the incident. */
  readonly folder: string;
  /** Rewrites incident.yaml. */
  incident(changes: Partial<Record<keyof typeof FILE, unknown>>): Promise<void>;
  file(name: string, text: string): Promise<void>;
  customers(text: string): Promise<void>;
  plan(only?: "contain" | "notify"): Promise<PlanShown>;
  approve(digest: string, person?: string, key?: string): Promise<Approval>;
  /** Approved by alice, applied, and worked on until nothing is left: `far` says what became of each task. */
  run(digest: string, far?: (task: Task) => TaskOutcome): Promise<void>;
};

export type SceneInput = {
  readonly organisation?: Readonly<Record<string, unknown>>;
  readonly open?: boolean;
};

/** The planner is `test`; alice and bob may approve, mallory is involved. */
export async function incidentScene({
  organisation,
  open = true,
}: SceneInput = {}): Promise<Scene> {
  const t = await testContext({ organisation: { ...ORGANISATION, ...organisation } });
  const folder = join(t.dir, "incidents", INCIDENT);
  await mkdir(join(folder, "notices"), { recursive: true });
  const file = async (name: string, text: string) => await writeFile(join(folder, name), text);
  const incident: Scene["incident"] = async (changes) =>
    await file("incident.yaml", stringify({ ...FILE, ...changes }));
  const customers = async (text: string) => {
    await writeFile(join(t.dir, "customers.csv"), text);
    await refreshRegistry(t.ctx, { shrink: true });
  };
  await writeFile(join(t.dir, "staff.csv"), "id,email\n"); // read where the organisation says so
  await file("dump.csv", DUMP);
  await file("notices/affected.en.md", NOTICE);
  await file("notices/correction.en.md", NOTICE);
  await incident({});
  await writeSigners(t.dir);
  await customers(CUSTOMERS);
  if (open) await openIncident(t.ctx, { incident: INCIDENT });
  const scene: Scene = {
    ...t,
    folder,
    incident,
    file,
    customers,
    plan: async (only) => {
      const { digest } = await plan(t.ctx, { incident: INCIDENT, ...(only ? { only } : {}) });
      return await showPlan(t.ctx, { plan: digest });
    },
    approve: async (digest, person = "alice", key = person) =>
      await approve(t.ctx, { plan: digest, person, signature: await signed(t, digest, key) }),
    run: async (digest, far = () => ({ state: "done" })) => {
      await scene.approve(digest);
      await apply(t.ctx, { plan: digest });
      await workAll(t.ctx, far);
    },
    [Symbol.asyncDispose]: async () => await t[Symbol.asyncDispose](),
  };
  return scene;
}

export { CUSTOMERS, DUMP };

/** Works on everything that is there, with `far` for each task. */
export async function workAll(ctx: Context, far: (task: Task) => TaskOutcome): Promise<void> {
  const act = ({ tasks }: { readonly tasks: readonly Task[] }) => tasks.map(far);
  const handlers = ["contain", "notice", "alarm"].map((kind) => testHandler({ kind, act }));
  await work(ctx, handlers, { ...QUICK, until: "idle" });
}

async function writeSigners(dir: string): Promise<void> {
  for (const person of ["alice", "bob", "mallory", "test"]) {
    const line = await makeSigningKey(join(dir, person), person);
    await appendFile(join(dir, "allowed_signers"), `${person} ${line}\n`);
  }
  const alice = (await readFile(join(dir, "alice.pub"), "utf8")).trim();
  await appendFile(join(dir, "allowed_signers"), `alias ${alice}\n`);
}

/** What `person`'s key says of the plan. */
export async function signed(t: TestContext, digest: string, key: string): Promise<string> {
  const { message } = await showPlan(t.ctx, { plan: digest });
  return await signWithKeyFile(join(t.dir, key), message, SIGNING_NAMESPACE);
}

/** Kinds of the ledger's entries, oldest first. */
export async function kindsIn(ctx: Context): Promise<string[]> {
  const rows = await ctx.db.read<{ kind: string }[]>`select kind from ledger_entries order by id`;
  return rows.map((row) => row.kind);
}
