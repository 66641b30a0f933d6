import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { liveScene } from "../../test/support/live.ts";
import { suppressFindings } from "../detect/findings/suppress-findings.ts";
import { openIncidents } from "../detect/live/open-incidents.ts";
import { takeFinding } from "../incidents/take-finding.ts";
import { createAccess, oneTimeLink } from "./access.ts";
import { createApp } from "./app.ts";
import { pages } from "./pages.ts";
import { routes } from "./routes.ts";

const Listed = z.object({ findings: z.array(z.object({ uid: z.string() })) });
const Ocsf = z.array(
  z.object({ class_uid: z.number(), finding_info: z.object({ title: z.string() }) }),
);
const Streams = z.array(z.object({ records: z.number() }));

const HOST = "127.0.0.1:7443";
const EVIL = `failed <img src=x onerror="alert(1)">`;

async function siteOf(scene: Awaited<ReturnType<typeof liveScene>>) {
  const access = createAccess([HOST], scene.ctx.clock);
  const app = createApp({ context: scene.ctx, routes, access, pages: pages() });
  const signedIn = await app.request(`http://${HOST}${oneTimeLink(access, "alice")}`);
  const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  return async (path: string): Promise<Response> =>
    await app.request(`http://${HOST}${path}`, { headers: { cookie } });
}

test("the list shows what was found, for whom, and what is suppressed; a log's markup stays text", async () => {
  await using scene = await liveScene();
  const ask = await siteOf(scene);
  assert.match(await (await ask("/findings")).text(), /Nothing was found/);
  await scene.send([
    { body: EVIL, user: "<b>ann</b>", ip: "203.0.113.9" },
    { body: EVIL, user: "bob" },
  ]);
  await scene.look();
  const list = await (await ask("/findings")).text();
  assert.match(list, /2 open/);
  assert.match(list, /&lt;b&gt;ann&lt;\/b&gt;/);
  assert.doesNotMatch(list, /<b>ann/);
  const until = "2026-02-01T00:00:00Z";
  await suppressFindings(scene.ctx, {
    rule: "Sign-in that failed",
    entities: { "user.name": "bob" },
    until,
    because: "<i>a test</i>",
  });
  const after = await (await ask("/findings")).text();
  assert.match(after, /1 open/);
  assert.match(after, /&lt;i&gt;a test/);
});

test("a finding shows its lines as text and when they were, and that somebody read them is in the ledger", async () => {
  await using scene = await liveScene();
  const ask = await siteOf(scene);
  await scene.send([{ body: EVIL, user: "ann" }]);
  scene.ctx.clock.advance(90_000);
  await scene.send([{ body: EVIL, user: "ann" }]);
  await scene.look();
  const [found] = await scene.findings();
  const page = await (await ask(`/findings/${found?.uid}`)).text();
  assert.doesNotMatch(page, /<img/);
  assert.match(page, /&lt;img src=x/);
  assert.equal(page.match(/<rect /g)?.length, 2);
  const reads = await scene.ctx.db.read<{ actor: string }[]>`
    select actor from ledger_entries where kind = 'finding.read'`;
  assert.deepEqual(
    [...reads].map(({ actor }) => actor),
    ["alice"],
  );
  assert.equal((await ask("/findings/0123456789abcdef")).status, 404);
  assert.equal((await ask("/findings/nonsense")).status, 422);
});

test("the routes answer findings as rows and as OCSF", async () => {
  await using scene = await liveScene();
  const ask = await siteOf(scene);
  await scene.send([{ body: "failed", user: "ann" }]);
  await scene.look();
  const rows = Listed.parse(await (await ask("/api/findings?level=high")).json());
  assert.equal(rows.findings.length, 1);
  const critical = await (await ask("/api/findings?level=critical")).json();
  assert.equal(Listed.parse(critical).findings.length, 0);
  const [ocsf] = Ocsf.parse(await (await ask("/api/findings-ocsf")).json());
  assert.equal(ocsf?.class_uid, 2004);
  assert.equal(ocsf?.finding_info.title, "Sign-in that failed");
  const streams = Streams.parse(await (await ask("/api/streams")).json());
  assert.equal(streams[0]?.records, 1);
});

test("an incident that a finding opened shows it in its timeline, when it happened", async () => {
  await using scene = await liveScene();
  const ask = await siteOf(scene);
  await scene.send([{ body: EVIL, user: "<b>ann</b>", at: "2026-01-05T08:58:00Z" }]);
  await scene.look();
  await openIncidents(scene.ctx, {
    opens: [{ level: "high", incident: "sign-ins" }],
    take: takeFinding,
  });
  const page = await (await ask("/incidents/sign-ins")).text();
  assert.match(page, /<time datetime="2026-01-05T08:58:00.000Z">08:58<\/time>/);
  assert.match(page, /Sign-in that failed \(high\): &lt;b&gt;ann&lt;\/b&gt;, 1 event/);
});
