import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { testContext } from "../../../test/support/context.ts";
import { loadPlaces } from "./load-places.ts";
import { PLACES_DATE, PLACES_VERSION } from "./place-data.ts";
import { locatedSql, PLACE_TABLES } from "./places.sql.ts";
import { placesOf } from "./places-of.ts";

test("an address has the country and the network that registries and routes say", async () => {
  await using context = await testContext();
  const click = await context.ctx.click();
  const found = await placesOf(click, [
    "1.1.1.1",
    "::ffff:1.1.1.1",
    "2606:4700:4700::1111",
    "10.0.0.1",
    "::1",
    "no address",
    "",
  ]);
  const cloudflare = { country: "AU", asNumber: 13335, asName: "Cloudflare, Inc." };
  const unknown = { country: "", asNumber: 0, asName: "" };
  assert.deepEqual(Object.fromEntries(found), {
    "1.1.1.1": cloudflare,
    "::ffff:1.1.1.1": cloudflare,
    "2606:4700:4700::1111": { ...cloudflare, country: "US" },
    "10.0.0.1": unknown,
    "::1": unknown,
    "no address": unknown,
    "": unknown,
  });
});

test("of ranges in ranges the narrowest holds, and around it the wider one", async () => {
  await using context = await testContext();
  const found = await placesOf(await context.ctx.click(), [
    "2.58.197.0",
    "2.58.197.15",
    "2.58.197.16",
  ]);
  assert.deepEqual(
    [...found.values()].map(({ country }) => country),
    ["DE", "BE", "DE"],
  );
});

test("no two ranges overlap: the one that begins last before an address is the only one that may hold it", async () => {
  await using context = await testContext();
  const click = await context.ctx.click();
  assert.equal(await loadPlaces(click), true);
  for (const table of Object.values(PLACE_TABLES)) {
    const [counted] = await click.query(
      z.object({ ranges: z.number(), wrong: z.number() }),
      `select count() as ranges, countIf(last < first or (next != 0 and next <= last)) as wrong from (
         select first, last, lead(first) over (order by first) as next from ${table})`,
    );
    assert.equal(counted?.wrong, 0);
    assert.ok((counted?.ranges ?? 0) > 500_000);
  }
});

test("a million addresses take few seconds of one core", async (t) => {
  await using context = await testContext();
  const click = await context.ctx.click();
  await loadPlaces(click);
  const source =
    "(select IPv4NumToString(toUInt32(cityHash64(number))) as ip from numbers(1000000))";
  const wanted = ["country", "as_number", "as_name"] as const;
  const located = locatedSql({ source, columns: ["ip"], address: "ip", wanted });
  const before = process.cpuUsage();
  const [counted] = await click.query(
    z.object({ rows: z.number(), known: z.number() }),
    `select count() as rows, countIf(country != '' and as_name != '') as known from ${located}`,
  );
  const { user, system } = process.cpuUsage(before);
  t.diagnostic(`${(user + system) / 1e6} s, ${counted?.known} known`);
  assert.equal(counted?.rows, 1_000_000);
  assert.ok((counted?.known ?? 0) > 600_000);
  assert.ok(user + system < 5e6);
});

test("the version that is named is the version that is installed", async () => {
  const written = await readFile(join(import.meta.dirname, "../../../package.json"), "utf8");
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(written));
  for (const name of ["asn", "geo-whois-asn-country"])
    assert.equal(dependencies[`@ip-location-db/${name}`], PLACES_VERSION);
  assert.match(PLACES_DATE, /^20\d\d-\d\d-\d\d$/);
});
