// `tocsin serve`: who is let in, what it says of itself, and that killing it changes nothing in the end.
import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { routes } from "../../src/server/routes.ts";
import { littleHost, type LittleHost, type Server } from "../support/little-host.ts";

/** fetch() does not let us choose the Host. */
async function get(url: string, headers: Record<string, string>): Promise<{ status: number }> {
  return await new Promise((resolve, reject) => {
    request(url, { headers }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0 });
    })
      .once("error", reject)
      .end();
  });
}

async function signIn({ link }: Server): Promise<string> {
  const answer = await fetch(link, { redirect: "manual" });
  assert.equal(answer.status, 303);
  const cookie = answer.headers.get("set-cookie") ?? "";
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Strict/);
  return cookie.split(";")[0] ?? "";
}

async function opened(host: LittleHost): Promise<Server> {
  const server = await host.serve();
  await host.run(["new", "leak"]);
  return server;
}

test("a browser gets in by a link that works once, from this host and this origin only", async () => {
  await using host = await littleHost();
  const server = await opened(host);
  const { port } = new URL(server.url);
  assert.equal((await get(`${server.url}/`, {})).status, 401);
  assert.equal((await get(server.link, { host: `evil.example:${port}` })).status, 403);
  const cookie = await signIn(server);
  assert.equal((await fetch(server.link, { redirect: "manual" })).status, 401);

  assert.equal((await get(`${server.url}/`, { cookie })).status, 200);
  assert.equal((await get(`${server.url}/`, { cookie, host: "evil.example" })).status, 403);
  assert.equal((await get(`http://localhost:${port}/`, { cookie })).status, 200);
  const page = await fetch(`${server.url}/incidents/leak`, { headers: { cookie } });
  assert.match(await page.text(), /A backup was readable on the internet/);
  assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);

  const note = { incident: "leak", says: "from elsewhere" };
  const post = async (origin: string): Promise<number> =>
    (
      await fetch(`${server.url}/api/note`, {
        method: "POST",
        headers: { cookie, origin, "content-type": "application/json" },
        body: JSON.stringify(note),
      })
    ).status;
  assert.equal(await post("https://evil.example"), 403);
  assert.equal(await post(server.url), 200);
  const { link } = await host.json(z.object({ link: z.string() }), ["sign-in"]);
  await signIn({ ...server, link });
});

const Operation = z.object({
  operationId: z.string(),
  summary: z.string().min(1),
  "x-scope": z.string(),
  responses: z.record(z.string(), z.unknown()),
});
const Description = z.object({
  openapi: z.literal("3.1.0"),
  info: z.object({ title: z.string(), version: z.string() }),
  paths: z.record(
    z.string().startsWith("/api/"),
    z.union([z.strictObject({ get: Operation }), z.strictObject({ post: Operation })]),
  ),
});

test("the API describes itself, and each path that it names is there", async () => {
  await using host = await littleHost();
  const server = await host.serve();
  const cookie = await signIn(server);
  const answer = await fetch(`${server.url}/api`, { headers: { cookie } });
  const { paths } = Description.parse(await answer.json());
  const names = Object.keys(paths);
  assert.deepEqual(names, [...routes.map(({ name }) => `/api/${name}`), "/api/sign-in-link"]);
  for (const [path, methods] of Object.entries(paths)) {
    if (!("get" in methods)) continue;
    const { status } = await get(`${server.url}${path}?surely=wrong`, { cookie });
    assert.ok(status === 200 || status === 422, `${path}: ${status}`);
  }
});

test("a run's page sends what changes, as it changes", async () => {
  await using host = await littleHost();
  const server = await opened(host);
  const cookie = await signIn(server);
  const stop = new AbortController();
  const events = await fetch(`${server.url}/incidents/leak/events`, {
    headers: { cookie },
    signal: stop.signal,
  });
  assert.match(events.headers.get("content-type") ?? "", /text\/event-stream/);
  await host.run(["note", "leak", "seen", "at", "noon"]);
  await host.run(["decide", "leak", "aware", "--because", "the heron called"]);
  let said = "";
  for await (const chunk of events.body ?? []) {
    said += Buffer.from(chunk).toString();
    if (said.includes("the heron called")) break;
  }
  stop.abort();
  assert.match(said, /event: body/);
});

test("commands use the server, and a second one is told who has the folder", async () => {
  await using host = await littleHost();
  const server = await host.serve();
  const second = await host.run(["serve", "--port", "0"]);
  assert.equal(second.status, 69);
  assert.match(second.err, new RegExp(`tocsin serve, process ${server.pid}\\b`));
  assert.equal((await host.run(["incidents"])).status, 0);
  await server.stop();
  assert.equal((await host.run(["incidents"])).status, 0);
  assert.equal((await host.run(["sign-in"])).status, 69);
});

const CUSTOMERS = 400;

function rows(head: string, row: (n: number) => string): string {
  return `${head}\n${Array.from({ length: CUSTOMERS }, (_, n) => row(n + 1)).join("\n")}\n`;
}

const Run = z.object({
  progress: z.object({
    state: z.string(),
    steps: z.array(z.object({ total: z.int(), done: z.int(), unknown: z.int() })),
  }),
});

test("a server that is killed in the middle of a run goes on where it was: nobody is left out, nobody told twice", async () => {
  await using host = await littleHost();
  const customer = (n: number): string => `${n},c${n}@customer.example,c${n}`;
  await host.write(
    "customers.csv",
    rows("id,email,username,country,language", (n) => `${customer(n)},GB,en`),
  );
  await host.write("incidents/leak/evidence/dump.csv", rows("id,email,username", customer));
  const first = await opened(host);
  await host.run(["registry", "refresh"]);
  await host.run(["plan", "leak"]);
  assert.equal((await host.approve("leak")).status, 0);
  await host.run(["apply", "leak"]);
  for (const until = Date.now() + 30_000; host.mails.length < 20; await sleep(2))
    assert.ok(Date.now() < until, "no mail came");
  await first.kill();
  assert.ok(host.mails.length < CUSTOMERS, "killed too late to show anything");
  await host.serve();
  const { progress } = await host.json(Run, ["apply", "leak", "--wait"]);
  assert.equal(progress.state, "complete");
  const [step] = progress.steps;
  assert.equal((step?.done ?? 0) + (step?.unknown ?? 0), CUSTOMERS);
  const told = host.mails.map(({ to }) => to);
  assert.equal(new Set(told).size, told.length, "somebody has two messages");
  assert.ok(told.length >= (step?.done ?? 0) && told.length <= CUSTOMERS);
  assert.ok((step?.unknown ?? 0) <= 300, `${step?.unknown} are unknown`); // three windows of 100 at most
  assert.equal((await host.run(["ledger", "verify"])).status, 0);
});
