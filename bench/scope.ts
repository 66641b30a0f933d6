// A dump of 190,000 of 3.8 million accounts into exposures, from the file to the last row (sealed, unsealed, matched, recorded),
// against ClickHouse only counting the same join over the plain file, and against ripgrep only finding its e-mail addresses.
// node bench/scope.ts [--scale=N] [--rounds=N]
import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { IncidentFile } from "../src/config/incident-file.ts";
import { Organisation } from "../src/config/organisation.ts";
import { openLog } from "../src/core/log.ts";
import { actorWithAllScopes } from "../src/core/scope.ts";
import { quote } from "../src/db/click-bind.ts";
import type { Click } from "../src/db/click.ts";
import type { Context } from "../src/db/context.ts";
import { dataFolder } from "../src/db/folder.ts";
import { openContext } from "../src/db/open-context.ts";
import { addEvidence } from "../src/evidence/add-evidence.ts";
import { refreshRegistry } from "../src/registry/refresh-registry.ts";
import { scopeEvidence } from "../src/scope/scope-evidence.ts";
import { type BenchResult, median, option, programOf, secondsOf } from "./bench.ts";

const scale = option("scale", 1);
const rounds = option("rounds", 5);
const accounts = Math.round(3_800_000 * scale);
const affected = Math.round(190_000 * scale);
const INCIDENT = "bench";

type Stage = { readonly ctx: Context; readonly click: Click; readonly home: string };

export async function run(): Promise<BenchResult[]> {
  const home = mkdtempSync(join(tmpdir(), "tocsin-bench-"));
  chmodSync(home, 0o711);
  try {
    await using ctx = await openedContext(home);
    const click = await ctx.click();
    await click.unload({
      select: customersSql(),
      path: join(home, "customers.csv"),
      format: "CSVWithNames",
    });
    await refreshRegistry(ctx, {});
    return await measure({ ctx, click, home });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function openedContext(home: string): Promise<Context & AsyncDisposable> {
  const organisation = Organisation.parse({
    organisation: {
      name: "Example Cloud",
      domain: "example.cloud",
      contact: "privacy@example.cloud",
    },
    registry: {
      customers: {
        from: { csv: join(home, "customers.csv") },
        key: "id",
        identifiers: { email: "email", username: "username" },
        name: "name",
        country: "country",
        language: "language",
      },
    },
  });
  return await openContext({
    organisation,
    folder: dataFolder(home),
    actor: actorWithAllScopes("bench", "cli"),
    log: openLog("silent"),
    who: "bench",
  });
}

function customersSql(): string {
  return `select number + 1 as id, concat('user.', toString(id), '@', ['example.org', 'mail.example', 'web.example'][1 + id % 3]) as email,
    concat('user', toString(id)) as username, concat('Jo Doe ', toString(id)) as name,
    ['US', 'DE', 'FR', 'IN', 'BR', 'GB'][1 + id % 6] as country, ['en', 'de', 'fr'][1 + id % 3] as language
    from numbers(${accounts})`;
}

/** Other accounts each round, so that no round finds its evidence taken already. A third has a hash, a quarter a token. */
function dumpSql(round: number): string {
  const step = Math.floor(accounts / affected);
  return `select concat('user', toString(id)) as username,
    concat('user.', toString(id), '@', ['example.org', 'mail.example', 'web.example'][1 + id % 3]) as email,
    if(number % 3 = 0, concat('$2b$10$', substring(base64Encode(sha256), 1, 22), substring(base64Encode(reverse(sha256)), 1, 31)), '') as password_hash,
    if(number % 4 = 0, concat('ghp_', substring(hex(sha256), 1, 36)), '') as github_token
    from (select number, 1 + (number * ${step} + ${round}) % ${accounts} as id, SHA256(toString(id)) as sha256 from numbers(${affected}))`;
}

async function measure(stage: Stage): Promise<BenchResult[]> {
  const ours: number[] = [];
  const counts: number[] = [];
  const finds: number[] = [];
  const ripgrep = programOf("rg");
  let bytes = 0;
  for (let round = -1; round < rounds; round += 1) {
    const path = join(stage.home, `dump-${round + 1}.csv`);
    const select = dumpSql(round + 1);
    await stage.click.unload({ select, path, format: "CSVWithNames" });
    bytes = statSync(path).size;
    const scoped = await secondsOf(() => scopeOnce(stage, path));
    const counted = await secondsOf(() => countOnly(stage.click, path));
    if (round < 0) continue; // warms up
    ours.push(scoped);
    counts.push(counted);
    if (ripgrep !== undefined) finds.push(await secondsOf(() => findAddresses(ripgrep, path)));
  }
  return resultsOf({ ours, counts, finds }, Math.round(bytes / 1e6));
}

async function scopeOnce({ ctx }: Stage, path: string): Promise<void> {
  const key = path.replace(/^.*\/|\.csv$/g, "");
  const file = IncidentFile.parse({
    incident: INCIDENT,
    title: "bench",
    lead: "bench",
    evidence: { [key]: { file: path, kind: "records" } },
  });
  await addEvidence(ctx, { incident: INCIDENT, key, path, kind: "records" });
  const { matched } = await scopeEvidence(ctx, { incident: INCIDENT, key, file });
  if (matched !== affected) throw new Error(`${matched} of ${affected} rows matched`);
}

async function countOnly(click: Click, path: string): Promise<void> {
  const source = `file(${quote(path)}, 'CSVWithNames')`;
  const [found] = await click.query(
    z.object({ accounts: z.number() }),
    `select toUInt32(uniqExact(i.account)) as accounts from current_identifiers as i
     inner join (select arrayJoin([('email', lower(email)), ('username', lower(username))]) as id from ${source}) as d
       on i.value = d.id.2 where i.kind = d.id.1`,
  );
  if (found?.accounts !== affected) throw new Error(`${found?.accounts} of ${affected} counted`);
}

async function findAddresses(ripgrep: string, path: string): Promise<void> {
  const address = "[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,}";
  const { stdout } = await promisify(execFile)(ripgrep, ["--count-matches", "-I", address, path]);
  if (Number(stdout) !== affected) throw new Error(`ripgrep found ${stdout}`);
}

type Measured = { readonly ours: number[]; readonly counts: number[]; readonly finds: number[] };

function resultsOf({ ours, counts, finds }: Measured, megabytes: number): BenchResult[] {
  const own = {
    name: `scope: ${affected.toLocaleString("en")} of ${accounts.toLocaleString("en")}, a dump of ${megabytes} MB into exposures`,
    unit: "s",
    ours,
  };
  const toCount = median(ours) / median(counts);
  const toFind = median(ours) / median(finds);
  return [
    {
      ...own,
      peer: { name: "ClickHouse counting the same join", values: counts },
      ratio: toCount,
      target: "at most three times the count",
      ok: toCount <= 3,
      limitedBy: "the join over all identifiers, and the exposures that are written",
    },
    {
      ...own,
      peer: {
        name:
          finds.length === 0
            ? "ripgrep (not installed)"
            : "ripgrep counting the dump's e-mail addresses",
        values: finds,
      },
      ratio: toFind,
      target: "faster than ripgrep",
      ok: toFind <= 1,
      limitedBy:
        "a join with millions of identifiers has a price of its own, which a small dump does not pay back",
    },
  ];
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await run(), null, 2)}\n`);
