import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { INCIDENT, incidentScene, kindsIn, type Scene } from "../../test/support/incident.ts";
import { putEvents } from "../../test/support/put-events.ts";
import { searchActivity } from "../accounts/search-activity.ts";
import { createAccess, oneTimeLink } from "./access.ts";
import { createApp } from "./app.ts";
import { pages } from "./pages.ts";
import { routes } from "./routes.ts";

const HOST = "127.0.0.1:7443";
const EVIL = `"><img src=x onerror=alert(1)>\u202E`;

async function siteOf({ ctx }: Scene) {
  const access = createAccess([HOST], ctx.clock);
  const app = createApp({ context: ctx, routes, access, pages: pages() });
  const signedIn = await app.request(`http://${HOST}${oneTimeLink(access, "alice")}`);
  const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  return async (path: string): Promise<Response> =>
    await app.request(`http://${HOST}${path}`, { headers: { cookie } });
}

async function hostile(scene: Scene): Promise<void> {
  const columns = {
    class_uid: 3002,
    activity_id: 1,
    status_id: 2,
    status_detail: EVIL,
    user_name: "bob",
    src_endpoint_hostname: EVIL,
    session_uid: EVIL,
    http_request_user_agent: EVIL,
  };
  await putEvents(await scene.ctx.click(), {
    source: `log ${EVIL}`,
    format: "json",
    events: [
      { raw: "{}", columns: { ...columns, time: "2026-01-04T10:00:00Z" } },
      {
        raw: "{}",
        columns: {
          ...columns,
          src_endpoint_hostname: "",
          src_endpoint_ip: "203.0.113.9",
          time: "2026-01-04T14:00:00Z",
        },
      },
      { raw: "{}", columns: { ...columns, user_name: EVIL, time: "2026-01-04T15:00:00Z" } },
    ],
  });
}

function harmless(page: string): void {
  assert.doesNotMatch(page, /<img|\u202E/);
  assert.match(page, /&lt;img src=x/);
}

test("an account's page has its picture and lines, a log's markup stays text, and the look is in the ledger", async () => {
  await using scene = await incidentScene();
  await hostile(scene);
  const ask = await siteOf(scene);
  const page = await (await ask("/accounts/bob")).text();
  harmless(page);
  assert.match(page, /customers\/2/);
  assert.match(page, /2 events/);
  const picture = /<figure class="lanes">.*?<\/figure>/s.exec(page)?.[0] ?? "";
  assert.equal(picture.match(/var\(--bad\)/g)?.length, 2);
  assert.equal(picture.match(/stroke:var\(--warn\)/g)?.length, 1);
  assert.match(picture, /no record for 3 h/);
  assert.equal((await kindsIn(scene.ctx)).at(-1), "account.read");
  harmless(await (await ask(`/accounts/${encodeURIComponent(EVIL)}`)).text());
});

test("an account's page takes a span, leads on, and ignores what else its address says", async () => {
  await using scene = await incidentScene();
  await hostile(scene);
  const ask = await siteOf(scene);
  const page = await (await ask("/accounts/bob?limit=1&who=dave&from=2026-01-04T00:00:00Z")).text();
  assert.match(page, /customers\/2/);
  const next = /href="(\/accounts\/bob\?[^"]+)"/.exec(page)?.[1]?.replaceAll("&amp;", "&") ?? "";
  assert.match(await (await ask(next)).text(), /203\.0\.113\.9/);
  assert.equal((await ask("/accounts/bob?from=yesterday")).status, 422);
  assert.equal((await ask("/accounts/ann@example.org")).status, 422);
  const form = await ask("/accounts?who=a%20b%2Fc");
  assert.deepEqual([form.status, form.headers.get("location")], [302, "/accounts/a%20b%2Fc"]);
  assert.match(await (await ask("/accounts")).text(), /<form action="\/accounts"/);
});

test("a search's page says what was seen, where was looked and how far that goes", async () => {
  await using scene = await incidentScene();
  await hostile(scene);
  const ask = await siteOf(scene);
  assert.match(await (await ask("/activity")).text(), /Nothing was searched/);
  const { id } = await searchActivity(scene.ctx, {
    accounts: ["bob", "dave", EVIL],
    incident: INCIDENT,
    after: "2026-01-04T00:00:00Z",
  });
  const list = await (await ask("/activity")).text();
  assert.match(list, new RegExp(`/activity/${id}.*2 of 3 accounts`, "s"));
  const page = await (await ask(`/activity/${id}`)).text();
  harmless(page);
  assert.match(page, /customers\/2/);
  assert.match(page, /no source records/);
  assert.equal((await kindsIn(scene.ctx)).at(-1), "activity.read");
  assert.equal((await ask("/activity/00000000-0000-4000-8000-000000000000")).status, 404);
  assert.equal((await ask("/activity/nonsense")).status, 422);
  const Listed = z.array(z.object({ id: z.string() }));
  const api = Listed.parse(await (await ask("/api/activity-searches")).json());
  assert.deepEqual(api, [{ id }]);
});
