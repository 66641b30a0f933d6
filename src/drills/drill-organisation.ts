// Example Cloud's own folder for Tocsin, as its people would have set it up long before the breach: tocsin.yaml, who may
// approve with which key, and the incident as far as it is known.
import { spawnSync } from "node:child_process";
import { copyFile, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument, stringify } from "yaml";
import { TocsinError } from "../core/errors.ts";
import type { Doors } from "./example-cloud/example-cloud.ts";

export const INCIDENT = "docker-hub-2019";
/** Who does what. The lead plans, so the other two approve. */
export const LEAD = "security-on-call";
export const APPROVERS = ["privacy", "head-of-security"] as const;

export type Organisation = {
  readonly folder: string;
  readonly incident: string;
  /** Key files of the approvers, in their order. */
  readonly keys: readonly string[];
};

/** Writes everything, with the evidence that is there on the first day. `now`: the window is moved to the hour before it. */
export async function makeOrganisation(
  folder: string,
  doors: Doors,
  now: Date,
): Promise<Organisation> {
  const incident = join(folder, "incidents", INCIDENT);
  await mkdir(join(folder, "secrets"), { recursive: true, mode: 0o700 });
  await mkdir(join(folder, "incidents"), { recursive: true });
  await cp(new URL(`../../incidents/${INCIDENT}`, import.meta.url), incident, { recursive: true });
  await writeSecrets(folder, doors);
  await writeFile(
    join(folder, "tocsin.yaml"),
    stringify(organisationFile(doors), { lineWidth: 120 }),
    { mode: 0o600 },
  );
  const keys = await Promise.all(APPROVERS.map(async (name) => await makeKey(folder, name)));
  await mkdir(join(incident, "evidence"), { recursive: true });
  for (const name of ["dump.csv.zst", "db-audit.ndjson.zst"])
    await copyFile(join(doors.leak, name), join(incident, "evidence", name));
  await moveWindow(join(incident, "incident.yaml"), now);
  return { folder, incident, keys };
}

async function writeSecrets(folder: string, doors: Doors): Promise<void> {
  const secrets = {
    site: doors.siteToken,
    github: doors.githubApp.secret,
    lookup: doors.sinks[0]?.token ?? "",
  };
  for (const [name, value] of Object.entries(secrets))
    await writeFile(join(folder, "secrets", name), `${value}\n`, { mode: 0o600 });
  await copyFile(join(doors.leak, "canaries.csv"), join(folder, "secrets", "canaries.csv"));
}

const COLUMNS = [
  "id", "username", "email", "name", "phone", "country", "region", "language", "tenant", "minor", "guardian_email",
  "estate_email", "shared_mailbox", "do_not_contact", "two_factor", "plan", "changed_at",
]; // prettier-ignore

function organisationFile(doors: Doors): object {
  return {
    organisation: {
      name: "Example Cloud",
      domain: "example.cloud",
      site: "https://example.cloud",
      languages: ["en", "fr", "de", "es", "ja"],
      contact: "privacy@example.cloud",
    },
    registry: { customers: registry(doors) },
    holdings: {
      "accounts-db": {
        of: "customers",
        data: [
          "user.contact.email",
          "user.account.username",
          "user.authorization.password",
          "token.github",
          "token.bitbucket",
        ],
      },
    },
    connectors: connectors(doors),
    mail: mail(doors),
    approvals: { signers: "allowed_signers", over: 1_000, people: 2 },
  };
}

function registry(doors: Doors): object {
  return {
    from: { postgres: doors.accounts, query: `select ${COLUMNS.join(", ")} from accounts` },
    key: "id",
    changed: "changed_at",
    identifiers: { email: "email", username: "username", phone: "phone" },
    shared_mailbox: "shared_mailbox",
    name: "name",
    country: "country",
    region: "region",
    language: "language",
    tenant: "tenant",
    contacts: { guardian: "guardian_email", estate: "estate_email" },
    minor: "minor",
    do_not_contact: "do_not_contact",
    attributes: ["two_factor", "plan"],
  };
}

function connectors(doors: Doors): object {
  return {
    accounts: {
      sql: doors.accounts,
      actions: {
        "invalidate-password": {
          title: "invalidate password",
          batch: 1_000,
          do: "update accounts set password_hash = null, must_reset = true, changed_at = now() where id = any(:targets) and password_hash is not null",
          left: "select id from accounts where id = any(:targets) and password_hash is not null",
          found: "select id from accounts where id = any(:targets)",
          ends: ["user.authorization.password"],
        },
        "end-sessions": {
          title: "end sessions",
          do: "update sessions set ended_at = now() where account_id = any(:targets) and ended_at is null",
          left: "select distinct account_id from sessions where account_id = any(:targets) and ended_at is null",
        },
      },
      canaries: {
        accounts: "secrets/canaries.csv",
        url: `${doors.site}/sign-in`,
        body: '{"username": "{{ username }}", "password": "{{ password }}"}',
        allow_internal: true,
      },
    },
    github: {
      github: {
        url: doors.github,
        allow_internal: true,
        check: {
          client_id: doors.githubApp.id,
          client_secret_file: "secrets/github",
          pace: "5000/m",
          each: 100,
        },
      },
      pace: "60/m", // GitHub's 60 an hour: the stand-in's clock runs 60 times faster
    },
    hub: hub(doors),
    atlassian: { vendor: { name: "Atlassian", address: doors.desk.address } },
  };
}

const ACCOUNTS = '{"accounts": {{ keys | json }}}';
const LISTS = { method: "POST", body: ACCOUNTS, done: [200], lists: true };

function hub(doors: Doors): object {
  return {
    http: { url: doors.site, allow_internal: true, token_file: "secrets/site" },
    actions: {
      "unlink-builds": {
        title: "unlink builds",
        method: "POST",
        idempotent: true,
        reversible: true,
        batch: 500,
        path: "/internal/builds/unlink",
        body: ACCOUNTS,
        left: { ...LISTS, path: "/internal/builds/linked" },
      },
      "link-again": {
        title: "link builds again",
        by: "customer",
        batch: 500,
        left: { ...LISTS, path: "/internal/builds/open" },
      },
    },
  };
}

function mail(doors: Doors): object {
  return {
    from: { name: "Example Cloud", address: "security@example.cloud" },
    reply_to: "privacy@example.cloud",
    providers: Object.fromEntries(
      doors.sinks.map((sink, n) => [
        sink.name,
        provider(sink, n === 0 ? ["transactional", "notices"] : ["transactional"]),
      ]),
    ),
  };
}

function provider({ smtp, lookup }: Doors["sinks"][number], streams: readonly string[]): object {
  return {
    smtp,
    streams,
    tls: "offered",
    signs: true,
    lookup: { url: lookup, token_file: "secrets/lookup" },
  };
}

async function makeKey(folder: string, name: string): Promise<string> {
  const file = join(folder, "secrets", `${name}.key`);
  const made = spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file], {
    encoding: "utf8",
  });
  if (made.error || made.status !== 0) {
    throw new TocsinError(
      "unavailable",
      "approvers sign with ssh-keygen, which is not here: apt-get install openssh-client",
      { retryable: false },
    );
  }
  const key = (await readFile(`${file}.pub`, "utf8")).trim().split(" ").slice(0, 2).join(" ");
  await writeFile(join(folder, "allowed_signers"), `${name} namespaces="tocsin" ${key}\n`, {
    flag: "a",
  });
  return file;
}

const HOUR_MS = 3_600_000;

// The file has the dates of 2019; deadlines would be years overdue.
async function moveWindow(path: string, now: Date): Promise<void> {
  const file = parseDocument(await readFile(path, "utf8"));
  file.setIn(["window", "from"], new Date(now.getTime() - HOUR_MS).toISOString());
  file.setIn(["window", "to"], new Date(now.getTime() - HOUR_MS / 2).toISOString());
  await writeFile(path, file.toString({ lineWidth: 120 }));
}

/** What the lead writes down when the second dump and the withdrawal have arrived. */
export async function addSecondDump({ incident }: Organisation, doors: Doors): Promise<void> {
  for (const name of ["dump-2.csv.zst", "withdrawn.csv.zst"])
    await copyFile(join(doors.leak, name), join(incident, "evidence", name));
  const path = join(incident, "incident.yaml");
  const file = parseDocument(await readFile(path, "utf8"));
  file.setIn(["evidence", "dump-2"], { file: "evidence/dump-2.csv.zst", kind: "records" });
  file.setIn(["evidence", "withdrawn"], {
    file: "evidence/withdrawn.csv.zst",
    kind: "records",
    withdraws: "dump",
  });
  for (const cohort of ["affected", "hashed", "github", "bitbucket"])
    file.setIn(["cohorts", cohort, "in"], ["dump", "dump-2"]);
  file.addIn(
    ["notices"],
    file.createNode({ to: "affected", text: "notices/correction", correction: true }),
  );
  await writeFile(path, file.toString({ lineWidth: 120 }));
}
