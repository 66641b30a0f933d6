// Example Cloud, a company that knows nothing of Tocsin: its accounts database, mail providers, website, image registry,
// and two others that it deals with, GitHub and Atlassian. One process, state on disk, and no door but the public ones.
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type postgres from "postgres";
import { connectPostgres } from "../../db/postgres-driver.ts";
import { sha256Hex } from "../../core/digest.ts";
import { startPostgres } from "../../db/embedded-postgres.ts";
import { postgresOptions } from "../../db/postgres-address.ts";
import { makeImages, openSite } from "./company-site.ts";
import { openGithub } from "./github-stand-in.ts";
import { leakSizes } from "./leak.sql.ts";
import { makeBreach } from "./make-breach.ts";
import { CUSTOMERS, makeCustomers } from "./make-customers.ts";
import { openSmtpSink } from "./smtp-sink.ts";
import { openVendorDesk, type VendorDesk } from "./vendor-desk.ts";

export type ExampleCloudInput = {
  readonly folder: string;
  readonly seed: number;
  /** Of 3.8 million customers and 190,000 leaked accounts. */
  readonly scale: number;
  readonly say?: (line: string) => void;
};

/** Everything that the organisation's tocsin.yaml names, and what the drill looks at afterwards. */
export type Doors = {
  /** As Tocsin is let in. */
  readonly accounts: string;
  /** As the drill looks at it. */
  readonly owner: string;
  readonly site: string;
  readonly siteToken: string;
  readonly github: string;
  readonly githubApp: { readonly id: string; readonly secret: string };
  readonly sinks: readonly {
    readonly name: string;
    readonly smtp: string;
    readonly lookup: string;
    readonly token: string;
    readonly file: string;
  }[];
  readonly desk: { readonly address: string; readonly folder: string };
  /** dump.csv.zst, dump-2.csv.zst, withdrawn.csv.zst, db-audit.ndjson.zst, canaries.csv */
  readonly leak: string;
  readonly images: string;
};

export type ExampleCloud = AsyncDisposable & { readonly doors: Doors };

export const GITHUB_TIMES_FASTER = 60;
const DESK = "security-desk@atlassian.example";
const DATABASE = "example_cloud";

/** Makes the company in an empty folder, or opens it again where it was made. */
export async function openExampleCloud(input: ExampleCloudInput): Promise<ExampleCloud> {
  const { folder, seed } = input;
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const stack = new AsyncDisposableStack();
  try {
    const server = stack.use(await startPostgres({ folder, settings: SETTINGS }));
    if (!existsSync(join(folder, "made"))) await make(input, server.address);
    const sql = connectPostgres({
      ...postgresOptions(server.address(DATABASE)),
      max: 6,
      onnotice: () => {},
    });
    stack.defer(async () => await sql.end({ timeout: 1 }));
    const secrets = secretsOf(seed);
    const doors = await openDoors({ stack, sql, folder, secrets });
    const owner = server.address(DATABASE);
    const accounts = owner.replace("//tocsin@", "//example_access@");
    const held = stack.move();
    return {
      doors: { ...doors, owner, accounts },
      [Symbol.asyncDispose]: async () => await held.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

// As a company's own database would be, but that making it writes no log.
const SETTINGS = {
  wal_level: "minimal",
  max_wal_senders: "0",
  shared_buffers: "512MB",
  max_wal_size: "8GB",
  maintenance_work_mem: "512MB",
  work_mem: "64MB", // a set of a million accounts must fit, or it is read again for each row that asks whether it is in it
} as const;

async function make(
  { folder, seed, scale, say }: ExampleCloudInput,
  address: (database: string) => string,
): Promise<void> {
  const admin = connectPostgres({
    ...postgresOptions(address("postgres")),
    max: 1,
    onnotice: () => {},
  });
  await admin.unsafe(`drop database if exists ${DATABASE}`);
  await admin.unsafe("drop role if exists example_access");
  await admin.unsafe(`create database ${DATABASE}`);
  await admin.end();
  const sql = connectPostgres({
    ...postgresOptions(address(DATABASE)),
    max: 3,
    onnotice: () => {},
  });
  const customers = Math.max(2_000, Math.round(CUSTOMERS * scale));
  await makeCustomers(sql, { seed, customers });
  say?.(`${customers} customers`);
  await makeBreach(sql, { seed, size: leakSizes(scale), folder: join(folder, "leak") });
  await sql.end();
  await makeImages(join(folder, "images"), seed);
  await writeFile(join(folder, "made"), JSON.stringify({ seed, scale, customers }));
}

type Secrets = {
  readonly site: string;
  readonly github: string;
  readonly mail: string;
  readonly lookup: string;
};

function secretsOf(seed: number): Secrets {
  const secret = (name: string): string => sha256Hex(`${seed}:${name}`).slice(0, 24);
  return {
    site: secret("site"),
    github: secret("github"),
    mail: secret("mail"),
    lookup: secret("lookup"),
  };
}

type Opening = {
  readonly stack: AsyncDisposableStack;
  readonly sql: postgres.Sql;
  readonly folder: string;
  readonly secrets: Secrets;
};

const CLIENT_ID = "Iv1.0123456789abcdef";

async function openDoors({
  stack,
  sql,
  folder,
  secrets,
}: Opening): Promise<Omit<Doors, "owner" | "accounts">> {
  const images = join(folder, "images");
  const site = closing(stack, await openSite({ sql, images, token: secrets.site }));
  const github = closing(
    stack,
    await openGithub({
      sql,
      timesFaster: GITHUB_TIMES_FASTER,
      clientId: CLIENT_ID,
      clientSecret: secrets.github,
    }),
  );
  const desk = await openVendorDesk({
    address: DESK,
    name: "Atlassian",
    folder: join(folder, "answers"),
    afterMs: 3_000,
  });
  stack.defer(() => desk.close());
  const sinks = await openSinks({ stack, sql, folder, secrets }, desk);
  return {
    site: site.url,
    siteToken: secrets.site,
    github: github.url,
    githubApp: { id: CLIENT_ID, secret: secrets.github },
    sinks,
    desk: { address: DESK, folder: join(folder, "answers") },
    leak: join(folder, "leak"),
    images,
  };
}

async function openSinks(
  { stack, sql, folder, secrets }: Opening,
  desk: VendorDesk,
): Promise<Doors["sinks"]> {
  const rows = await sql<{ address: string }[]>`select address from truth.dead_address`;
  const dead = new Set(rows.map(({ address }) => address));
  return await Promise.all(
    ["mailer", "standby"].map(async (name) => {
      const path = join(folder, `${name}.messages`);
      const at = {
        name,
        path,
        dead,
        lookupToken: secrets.lookup,
        user: "example-cloud",
        password: secrets.mail,
      };
      const sink = closing(
        stack,
        await openSmtpSink({
          ...at,
          deferOneIn: 301,
          cutOneIn: 9_973,
          kept: (message) => desk.receive(message),
        }),
      );
      const smtp = `smtp://example-cloud:${secrets.mail}@127.0.0.1:${sink.port}`;
      return {
        name,
        smtp,
        lookup: `${sink.lookup}/messages/{message_id}`,
        token: secrets.lookup,
        file: path,
      };
    }),
  );
}

function closing<Thing extends { close(): Promise<void> }>(
  stack: AsyncDisposableStack,
  thing: Thing,
): Thing {
  stack.defer(async () => await thing.close());
  return thing;
}
