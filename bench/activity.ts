// Whether any of 100,000 accounts was active: everything that a search does in ClickHouse, against ClickHouse only counting the events of which a
// cell, in lower case, is in a set of the same names, in turns. And one account's timeline among the same events, against counting its events likewise.
// node bench/activity.ts [--events=N] [--accounts=N] [--rounds=N]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { accountEvents } from "../src/accounts/account-events.ts";
import { linesSql } from "../src/accounts/account-lines.sql.ts";
import { accountFinder, hitsSql } from "../src/accounts/hits.sql.ts";
import { lookForMembers } from "../src/accounts/looked-for.ts";
import { resolveAccount } from "../src/accounts/resolve-account.ts";
import { searchedIn } from "../src/accounts/searched.ts";
import type { Span } from "../src/accounts/span.ts";
import { traitsOf } from "../src/accounts/traits.ts";
import type { Click } from "../src/db/click.ts";
import { migrateClickAlone } from "../src/db/migrate.ts";
import { openClick } from "../src/db/open-click.ts";
import { type BenchResult, median, option, secondsOf } from "./bench.ts";

const events = option("events", 10_000_000);
const accounts = option("accounts", 100_000);
const rounds = option("rounds", 3);

/** Ten times as many customers as are looked for: a tenth of the events is of them. */
const CUSTOMERS = accounts * 10;
const SOURCES = 4;
const SPAN: Span = { from: new Date("2026-11-01T00:00:00Z"), to: new Date("2027-06-01T00:00:00Z") };
const PARAMS = { from: SPAN.from, to: SPAN.to };

export async function run(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-bench-"));
  try {
    const click = await openClick({
      path: join(folder, "clickhouse"),
      database: "bench",
      memoryBytes: 600_000_000,
      who: "bench",
    });
    await migrateClickAlone(click);
    await fill(click);
    const results = await measure(click);
    await click.close();
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fill(click: Click): Promise<void> {
  for (let source = 0; source < SOURCES; source += 1) {
    const who = `cityHash64(number, ${source}) % ${CUSTOMERS}`;
    await click.command(
      `insert into events (source, place, time, time_known, format, product, class_uid, activity_id, status_id, actor_user_name, actor_user_uid, user_name,
         user_email_addr, session_uid, src_endpoint_ip, http_request_user_agent, api_operation, resource_uid, raw)
       select 'log-${source}', number + 1, toDateTime64('2026-11-01 00:00:00', 6, 'UTC') + toIntervalSecond(number), true, 'json', 'app',
         [3002, 6003, 4002, 3001][1 + cityHash64(number, 10) % 4] as class, 1 + cityHash64(number, 11) % 4, 1 + cityHash64(number, 12) % 2,
         if(${source} = 0, concat('user', toString(${who})), ''), if(${source} = 1, toString(${who}), ''), if(class = 3002, concat('User', toString(${who})), ''),
         if(${source} = 2, concat('user', toString(${who}), '@customer.example'), ''), hex(cityHash64(number, 13)),
         concat('203.0.', toString(cityHash64(number, 14) % 250), '.', toString(cityHash64(number, 15) % 250)), concat('agent/', toString(number % 100)),
         concat('Op', toString(number % 50)), concat('srv-', toString(cityHash64(number, 16) % 200000)), concat('{"n":', toString(number), '}')
       from numbers(${Math.ceil(events / SOURCES)})`,
    );
  }
  await click.command(
    `insert into accounts (registry, layer, row, account, subject, username, address, state)
     select 'customers', 1000000, number + 1, toString(number), generateUUIDv4(), concat('user', toString(number)), concat('user', toString(number), '@customer.example'), 'current'
     from numbers(${CUSTOMERS})`,
  );
  await click.command(
    `insert into identifiers (kind, value, registry, layer, row, account, subject) select one.1, one.2, registry, layer, row, account, subject
     from accounts array join [('email', address), ('username', username), ('key', account)] as one`,
  );
  await click.command(
    `insert into registry_published (registry, refresh, layers, at, figures) values ('customers', 1, [1000000], now(), '')`,
  );
}

async function measure(click: Click): Promise<BenchResult[]> {
  const [search, account, many, one] = [
    new Array<number>(),
    new Array<number>(),
    new Array<number>(),
    new Array<number>(),
  ];
  const chosen = `(select concat('user', toString(number * 10 + 3)) from numbers(${accounts}))`;
  for (let round = 0; round <= rounds; round += 1) {
    const who = `user${round + 7}`;
    const seconds = {
      search: await secondsOf(async () => await searchAll(click)),
      account: await secondsOf(async () => await showOne(click, who)),
      many: await secondsOf(async () => await count(click, chosen)),
      one: await secondsOf(async () => await count(click, `('${who}', '${round + 7}')`)),
    };
    if (round === 0) continue; // warms all of them up
    search.push(seconds.search);
    account.push(seconds.account);
    many.push(seconds.many);
    one.push(seconds.one);
  }
  return [
    {
      name: `activity of ${accounts.toLocaleString("en")} accounts in ${events.toLocaleString("en")} events`,
      unit: "s",
      ours: search,
      peer: { name: "ClickHouse only counts events with a name of the set", values: many },
      ratio: median(search) / median(many),
      target: "at most 15 times the count",
      ok: median(search) <= 15 * median(many),
      limitedBy: "what each event names, then one row an account, an address, a source",
    },
    {
      name: "one account among them",
      unit: "s",
      ours: account,
      peer: { name: "ClickHouse only counts its events", values: one },
      ratio: median(account) / median(one),
      target: "at most 10 times the count",
      ok: median(account) <= 10 * median(one),
      limitedBy: "which hours each source covers and what it records: every event counts there",
    },
  ];
}

const Found = z.object({ of: z.string(), things: z.number() });

async function searchAll(click: Click): Promise<void> {
  await using looked = await lookForMembers(
    click,
    `(select registry, account from current_accounts where toUInt64(account) % 10 = 3)`,
  );
  const finder = accountFinder(looked.table);
  await searchedIn(click, SPAN, finder.says);
  const hits = await click.query(Found, hitsSql(finder, SPAN), { ...PARAMS, most: 1_000 });
  const seen = hits.find((hit) => hit.of === "all")?.things ?? 0;
  // Each has ten events and more, so nearly all are seen.
  if (looked.things !== accounts || seen < 0.99 * accounts || seen > accounts)
    throw new Error(`${seen} of ${looked.things} accounts were seen`);
}

async function showOne(click: Click, who: string): Promise<void> {
  const { looked } = await resolveAccount(click, who);
  const { where, roles } = await accountEvents(click, looked);
  const lines = await click.query(
    z.object({ events: z.number() }),
    linesSql({ where, roles, span: SPAN, paged: false }),
    { ...PARAMS, limit: 200 },
  );
  await traitsOf(click, { where, span: SPAN, params: PARAMS });
  await searchedIn(click, SPAN);
  if (lines.length === 0) throw new Error(`${who} was not seen`);
}

async function count(click: Click, set: string): Promise<void> {
  const cells = ["actor_user_name", "actor_user_uid", "user_name", "user_uid", "user_email_addr"];
  const [row] = await click.query(
    z.object({ n: z.number() }),
    `select count() as n from events where ${cells.map((cell) => `lower(${cell}) in ${set}`).join(" or ")} settings use_query_condition_cache = 0`,
  );
  if (row === undefined || row.n === 0) throw new Error("nothing was counted");
}

if (import.meta.main)
  for (const { name, ours, peer, ratio, ok } of await run())
    process.stdout.write(
      `${ok ? "✓" : "✗"} ${name}: ${median(ours).toFixed(1)} s · ${peer.name} ${median(peer.values).toFixed(2)} s · ratio ${ratio.toFixed(1)}\n`,
    );
