import { test } from "node:test";
import assert from "node:assert/strict";
import { z } from "zod";
import { decide } from "../incidents/decide.ts";
import { intake } from "../incidents/intake.ts";
import { note } from "../incidents/note.ts";
import { incidentScene, INCIDENT, kindsIn } from "../../test/support/incident.ts";
import { testContext, type TestContext } from "../../test/support/context.ts";
import { type Access, createAccess, oneTimeLink } from "./access.ts";
import { createApp } from "./app.ts";
import { housekeeping } from "./housekeeping.ts";
import { openApi } from "./open-api.ts";
import { pages } from "./pages.ts";
import { type Route, route } from "./route.ts";
import { routes } from "./routes.ts";

const HOST = "127.0.0.1:7443";
const URL_OF = `http://${HOST}`;

function appOf(t: TestContext, own: readonly Route[] = routes) {
  const access = createAccess([HOST], t.ctx.clock);
  const app = createApp({ context: t.ctx, routes: own, access, pages: pages() });
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> =>
    await app.request(`${URL_OF}${path}`, init);
  return { access, ask, bearer: { authorization: `Bearer ${access.token}` } };
}

function posted(access: Access, body: unknown, headers: Record<string, string> = {}): RequestInit {
  const own = { authorization: `Bearer ${access.token}`, "tocsin-actor": "alice", ...headers };
  return { method: "POST", body: JSON.stringify(body), headers: own };
}

const Problem = z.object({ code: z.string(), status: z.number(), title: z.string() });

async function problemIn(response: Response): Promise<z.output<typeof Problem>> {
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const problem = Problem.parse(await response.json());
  assert.equal(problem.status, response.status);
  return problem;
}

async function signedIn(server: ReturnType<typeof appOf>): Promise<string> {
  const response = await server.ask(oneTimeLink(server.access, "alice"));
  assert.equal(response.status, 303);
  return (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

test("nobody gets in without the token or a session, and 401 says how", async () => {
  await using t = await testContext();
  const { ask } = appOf(t);
  for (const path of ["/", "/api", "/api/incidents", "/incidents/inc", "/live.js"]) {
    const response = await ask(path);
    assert.equal(response.status, 401, path);
    assert.equal(response.headers.get("www-authenticate"), "Bearer");
  }
  const wrong = await ask("/api/incidents", { headers: { authorization: "Bearer nonsense" } });
  assert.equal((await problemIn(wrong)).code, "unauthenticated");
});

test("a link signs a browser in once, and not after ten minutes", async () => {
  await using t = await testContext();
  const { ask, access } = appOf(t);
  const link = oneTimeLink(access, "alice");
  const first = await ask(link);
  assert.equal(first.status, 303);
  const cookie = first.headers.get("set-cookie") ?? "";
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Strict/);
  assert.equal((await ask(link)).status, 401);
  const late = oneTimeLink(access, "alice");
  t.ctx.clock.advance(10 * 60_000 + 1);
  assert.equal((await ask(late)).status, 401);
  assert.equal((await ask("/sign-in")).status, 401);
  const headers = { cookie: cookie.split(";")[0] ?? "" };
  assert.equal((await ask("/", { headers })).status, 200);
  t.ctx.clock.advance(12 * 3_600_000);
  assert.equal((await ask("/", { headers })).status, 401);
});

test("a rebound name and another site's page are refused", async () => {
  await using t = await testContext();
  const server = appOf(t);
  const headers = { ...server.bearer, host: "evil.example" };
  assert.equal((await server.ask("/api/incidents", { headers })).status, 403);
  const cookie = await signedIn(server);
  const body = JSON.stringify({ incident: "leak", reporter: "customer", says: "x" });
  const post = async (own: Record<string, string>) =>
    (await server.ask("/api/intake", { method: "POST", body, headers: { cookie, ...own } })).status;
  assert.equal(await post({}), 403);
  assert.equal(await post({ origin: "http://evil.example" }), 403);
  assert.equal(await post({ origin: "null" }), 403);
  assert.equal(await post({ origin: URL_OF }), 200);
});

test("a request that is repeated under its key is answered again and writes once", async () => {
  await using t = await testContext();
  const { ask, access } = appOf(t);
  const body = { incident: "leak", reporter: "customer", says: "x" };
  const key = { "idempotency-key": "k-1" };
  const first = await (await ask("/api/intake", posted(access, body, key))).json();
  assert.deepEqual(await (await ask("/api/intake", posted(access, body, key))).json(), first);
  assert.deepEqual(await kindsIn(t.ctx), ["intake.taken"]);
  const other = await ask("/api/intake", posted(access, { ...body, says: "y" }, key));
  assert.equal((await problemIn(other)).code, "conflict");
  const bad = await ask("/api/intake", posted(access, body, { "idempotency-key": "a b" }));
  assert.equal((await problemIn(bad)).code, "invalid");
});

test("the actor of a request is who the ledger names", async () => {
  await using t = await testContext();
  const { ask, access } = appOf(t);
  await ask("/api/intake", posted(access, { incident: "leak", reporter: "vendor", says: "x" }));
  const [row] = await t.ctx.db.read<{ actor: string }[]>`select actor from ledger_entries`;
  assert.equal(row?.actor, "alice");
});

test("problems say their code, and a bug says nothing of its insides but its message", async () => {
  await using t = await testContext();
  const broken = route({
    name: "broken",
    method: "POST",
    scope: "incidents:read",
    summary: "",
    input: z.strictObject({}),
    run: () => Promise.reject(new TypeError("x is undefined")),
  });
  const { ask, access, bearer } = appOf(t, [...routes, broken]);
  assert.equal((await problemIn(await ask("/api/none", { headers: bearer }))).code, "not_found");
  const missing = await ask("/api/show-plan?plan=abcdef", { headers: bearer });
  assert.equal((await problemIn(missing)).code, "not_found");
  const malformed = { ...posted(access, null), body: "{" };
  assert.equal((await problemIn(await ask("/api/note", malformed))).code, "invalid");
  const unknown = posted(access, { incident: "x", says: "y", more: 1 });
  assert.equal((await problemIn(await ask("/api/note", unknown))).code, "invalid");
  const bug = await problemIn(await ask("/api/broken", posted(access, {})));
  assert.deepEqual([bug.code, bug.status], ["bug", 500]);
});

test("events end with one result, or with one problem", async () => {
  await using t = await testContext();
  const slow = route({
    name: "slow",
    method: "POST",
    scope: "incidents:read",
    summary: "",
    input: z.strictObject({ fail: z.boolean() }),
    run: async (ctx, { fail }) => {
      for (let done = 0; done <= 50; done += 1)
        ctx.progress({ what: "count", done, of: 50, unit: "rows" });
      if (fail) await note(ctx, { incident: "absent", says: "x" });
      return { answer: 42 };
    },
  });
  const { ask, access } = appOf(t, [slow]);
  const events = async (fail: boolean) => {
    const headers = { accept: "text/event-stream" };
    const text = await (await ask("/api/slow", posted(access, { fail }, headers))).text();
    return text
      .split("\n\n")
      .filter((one) => one !== "")
      .map((one) => one.split("\n"));
  };
  const good = await events(false);
  assert.deepEqual(good.at(-1), ["event: result", 'data: {"answer":42}']);
  const progress = good.filter(([event]) => event === "event: progress");
  assert.ok(progress.length >= 2 && progress.length < 20, "the first, the last, and few between");
  const bad = await events(true);
  assert.equal(bad.at(-1)?.[0], "event: problem");
  assert.match(bad.at(-1)?.[1] ?? "", /"code":"not_found"/);
});

const Operation = z.object({
  operationId: z.string(),
  summary: z.string().min(1),
  parameters: z.array(
    z.object({
      name: z.string(),
      in: z.enum(["query", "header"]),
      required: z.boolean(),
      schema: z.looseObject({}),
    }),
  ),
  requestBody: z
    .object({
      content: z.object({
        "application/json": z.object({ schema: z.looseObject({}) }),
      }),
    })
    .optional(),
  responses: z.object({ "200": z.looseObject({}), default: z.looseObject({}) }),
});
const Description = z.object({
  openapi: z.literal("3.1.0"),
  info: z.object({ title: z.string(), version: z.string() }),
  paths: z.record(z.string(), z.partialRecord(z.enum(["get", "post"]), Operation)),
});

test("every verb is described, under a name of its own", async () => {
  await using t = await testContext();
  const { ask, bearer } = appOf(t);
  const served: unknown = await (await ask("/api", { headers: bearer })).json();
  assert.deepEqual(served, openApi(routes));
  const { paths } = Description.parse(served);
  assert.equal(Object.keys(paths).length, routes.length);
  for (const one of routes) {
    const operation = Object.entries(paths[`/api/${one.name}`] ?? {});
    assert.deepEqual(
      operation.map(([method]) => method),
      [one.method.toLowerCase()],
      one.name,
    );
    assert.equal(operation[0]?.[1]?.requestBody !== undefined, one.method === "POST", one.name);
  }
});

test("what is asked with GET takes only text, as addresses hold nothing else", () => {
  const Text = z.object({
    properties: z.record(z.string(), z.looseObject({ type: z.literal("string") })).optional(),
  });
  for (const one of routes) {
    if (one.method !== "GET") continue;
    Text.parse(z.toJSONSchema(one.input, { io: "input" }), { error: () => one.name });
  }
});

const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(1)>`;

test("nothing that people or evidence say becomes markup", async () => {
  await using t = await incidentScene({ open: false });
  const incident = INCIDENT;
  await intake(t.ctx, { incident, reporter: "extortionist", says: HOSTILE, title: HOSTILE });
  await note(t.ctx, { incident, says: HOSTILE });
  await decide(t.ctx, { incident, what: "hold", because: HOSTILE });
  await decide(t.ctx, { incident, what: "lead", because: "x", to: HOSTILE });
  await t.file("dump.csv", `username,"${HOSTILE.replaceAll('"', '""')}"\nann,x\n`);
  await t.incident({
    title: HOSTILE,
    summary: HOSTILE,
    cohorts: { affected: { in: "dump" } },
    actions: [],
  });
  await t.plan("notify");
  const server = appOf(t);
  const headers = { cookie: await signedIn(server) };
  for (const path of ["/", `/incidents/${INCIDENT}`]) {
    const response = await server.ask(path, { headers });
    const page = await response.text();
    assert.equal(response.status, 200, page.slice(0, 200));
    assert.ok(page.includes("&lt;script&gt;"), `${path} shows it`);
    assert.doesNotMatch(page, /<img|<script>alert|onerror=alert\(1\)>/);
    assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  }
  const events = await server.ask(`/incidents/${INCIDENT}/events`, { headers });
  const reader = events.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  assert.doesNotMatch(Buffer.from(value ?? []).toString(), /<img|<script>/);
  await reader?.cancel();
});

test("a page of an incident that is not there is a problem, and its events end", async () => {
  await using t = await testContext();
  const server = appOf(t);
  const headers = { cookie: await signedIn(server) };
  assert.equal((await server.ask("/incidents/none", { headers })).status, 404);
  assert.equal(await (await server.ask("/incidents/none/events", { headers })).text(), "");
});

test("housekeeping places and signs what was written, until it is told to end", async () => {
  await using t = await testContext();
  await intake(t.ctx, { incident: "leak", reporter: "vendor", says: "x" });
  const stop = new AbortController();
  const running = housekeeping({ ...t.ctx, signal: stop.signal });
  const signedSize = async () => {
    const [row] = await t.ctx.db.read<
      { size: number }[]
    >`select max(size)::int as size from ledger_checkpoints`;
    return row?.size ?? 0;
  };
  for (let tries = 0; tries < 500 && (await signedSize()) < 1; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  stop.abort();
  await running;
  assert.ok((await signedSize()) >= 1);
});
