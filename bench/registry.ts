// Reads a registry of N accounts from a Postgres of its own into the mirror, and says how fast and with how much memory.
// node bench/registry.ts [accounts] [--keep FOLDER]
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { Organisation } from "../src/config/organisation.ts";
import { openLog } from "../src/core/log.ts";
import { actorWithAllScopes } from "../src/core/scope.ts";
import { startPostgres } from "../src/db/embedded-postgres.ts";
import { dataFolder } from "../src/db/folder.ts";
import { openContext } from "../src/db/open-context.ts";
import { connectPostgres } from "../src/db/postgres-driver.ts";
import { postgresOptions } from "../src/db/postgres-address.ts";
import { refreshRegistry } from "../src/registry/refresh-registry.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: "string" } },
});
const accounts = Number(positionals[0] ?? 3_800_000);
const home = values.keep ?? mkdtempSync(join(tmpdir(), "tocsin-bench-"));
mkdirSync(home, { recursive: true });
chmodSync(home, 0o711);

const SOURCE = `
  create table if not exists accounts as
  select id, 'user.' || id || '@' || (array['gmail.com','example.org','web.de','outlook.com','mail.example'])[1 + id % 5] as email,
    'User' || id as username, case when id % 3 = 0 then '' else '+4930' || (10000000 + id)::text end as phone,
    'Jo Doe ' || id as name, (array['US','DE','FR','IN','BR','GB'])[1 + id % 6] as country,
    (array['en','de','fr'])[1 + id % 3] as locale, case when id % 50 = 0 then 'tenant-' || id % 997 else '' end as tenant,
    id % 2 = 0 as two_factor, timestamptz '2026-01-01' + id * interval '1 second' as updated_at
  from generate_series(1, ${accounts}) as id`;

const registry = {
  customers: {
    from: {
      postgres: "",
      query:
        "select id, email, username, phone, name, country, locale, tenant, two_factor, updated_at from accounts",
    },
    key: "id",
    changed: "updated_at",
    identifiers: { email: "email", username: "username", phone: "phone" },
    name: "name",
    country: "country",
    language: "locale",
    tenant: "tenant",
    attributes: ["two_factor"],
  },
};

await using source = await startPostgres({ folder: join(home, "source") });
await source.ensureDatabase("cloud");
const sql = connectPostgres({
  ...postgresOptions(source.address("cloud")),
  max: 1,
  onnotice: () => {},
});
await sql.unsafe(SOURCE);
await sql`create unique index if not exists accounts_id on accounts (id)`;
await sql`create index if not exists accounts_updated on accounts (updated_at)`;
await sql`vacuum analyze accounts`;
registry.customers.from.postgres = source.address("cloud");
await using ctx = await openContext({
  organisation: Organisation.parse({
    organisation: {
      name: "Example Cloud",
      domain: "example.cloud",
      contact: "privacy@example.cloud",
    },
    registry,
  }),
  folder: dataFolder(join(home, "tocsin")),
  actor: actorWithAllScopes("bench", "cli"),
  log: openLog("silent"),
  who: "bench",
});

const click = await ctx.click();
const figures: Record<string, number | string> = { accounts };
const timed = async (what: string, work: () => Promise<unknown>): Promise<void> => {
  const start = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  figures[`${what}, CPU s`] = Math.round((user + system) / 1000) / 1000;
  figures[`${what} s`] = Math.round(performance.now() - start) / 1000;
};
const Any = z.unknown();

await timed("full", async () => await refreshRegistry(ctx, { full: true }));
figures["rows/s"] = Math.round(accounts / Number(figures["full s"]));
await sql`update accounts set updated_at = updated_at + interval '1 year', name = name || '!' where id % 400 = 0`;
await timed("changes (1 of 400)", async () => await refreshRegistry(ctx, {}));
for (const state of ["with changes", "again"]) {
  await timed(
    `count, ${state}`,
    async () => await click.query(Any, "select count() from current_accounts"),
  );
  await timed(`join 190,000, ${state}`, async () => {
    await click.query(
      Any,
      `select count(), uniq(account) from current_identifiers as i
       inner join (select concat('user', toString(number * 20), '@', ['gmail.com','example.org','web.de'][1 + number % 3]) as v,
                     concat('user', toString(number * 20)) as u from numbers(190000)) as d
       on i.value = d.u where kind = 'username'`,
    );
  });
}
figures["VmHWM MiB"] = Math.round(
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024,
);
await sql.end();
if (values.keep === undefined) rmSync(join(home, "tocsin"), { recursive: true, force: true });
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
