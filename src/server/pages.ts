// The live pages: what the report shows, kept current while a run goes.
import { TocsinError } from "../core/errors.ts";
import type { Context } from "../db/context.ts";
import { Hono, type Context as HttpContext } from "hono";
import { html } from "hono/html";
import { streamSSE } from "hono/streaming";
import { renderBody, renderPage, renderReport } from "../disclose/render-report.ts";
import { reportModel } from "../disclose/report-model.ts";
import type { IncidentRow } from "../incidents/incident.ts";
import { listIncidents } from "../incidents/list-incidents.ts";
import { accountsPages } from "./accounts-pages.ts";
import type { AppEnv } from "./app.ts";
import { findingsPages } from "./findings-pages.ts";

type Body = ReturnType<typeof html>;

const EVERY_MS = 1_000;

const LIVE = `
const main = document.querySelector("main[data-incident]");
const events = new EventSource("/incidents/" + main.dataset.incident + "/events");
// Section by section, so that what somebody reads, scrolls or has unfolded stays as it is.
events.addEventListener("body", (event) => {
  const next = document.createElement("template");
  next.innerHTML = JSON.parse(event.data);
  for (const part of next.content.children) {
    const there = document.getElementById(part.id);
    if (!there) { main.innerHTML = JSON.parse(event.data); return; }
    if (there.dataset.was === part.outerHTML) continue;
    const was = part.outerHTML;
    const open = [...there.querySelectorAll("details")].map((one) => one.open);
    part.querySelectorAll("details").forEach((one, place) => { one.open = open[place] ?? one.open; });
    const fresh = there.parentNode.replaceChild(part.cloneNode(true), there) && document.getElementById(part.id);
    fresh.dataset.was = was;
  }
});
`;

function frontPage(incidents: readonly IncidentRow[]): Body {
  return html`<main>
    <p class="dim">
      <a href="/findings">Findings</a> · <a href="/accounts">Accounts</a> ·
      <a href="/activity">Activity</a>
    </p>
    <h1>Incidents</h1>
    ${
      incidents.length === 0
        ? html`<p>There is none. <code>tocsin new NAME</code> starts one.</p>`
        : html`<div class="scroll">
            <table>
              <thead>
                <tr>
                  <th>incident</th>
                  <th>state</th>
                  <th>lead</th>
                  <th>opened</th>
                </tr>
              </thead>
              <tbody>
                ${incidents.map(incidentLine)}
              </tbody>
            </table>
          </div>`
    }
  </main>`;
}

function incidentLine({ name, title, state, lead, opened_at }: IncidentRow): Body {
  return html`<tr>
    <td>
      <a href="/incidents/${name}">${title}</a>
      <div class="dim">${name}</div>
    </td>
    <td><span class="state">${state}</span></td>
    <td>${lead}</td>
    <td>${opened_at.toISOString().slice(0, 16).replace("T", " ")} UTC</td>
  </tr>`;
}

export function pages(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/live.js", (http) => http.body(LIVE, 200, { "content-type": "text/javascript" }));
  app.get("/", async (http) => {
    const incidents = await listIncidents(http.get("ctx"));
    return http.html(await renderPage({ title: "Tocsin", body: frontPage(incidents) }));
  });
  app.get("/incidents/:incident", async (http) => {
    const model = await reportModel(http.get("ctx"), { incident: http.req.param("incident") });
    return http.html(await renderReport(model, { live: true }));
  });
  app.get("/incidents/:incident/events", (http) => follow(http, http.req.param("incident")));
  app.route("/", findingsPages());
  app.route("/", accountsPages());
  return app;
}

/** Undefined where the stores do not answer just now, or the incident is not there. A bug is thrown. */
async function bodyNow(ctx: Context, incident: string): Promise<string | undefined> {
  try {
    return String(await renderBody(await reportModel(ctx, { incident })));
  } catch (error) {
    if (error instanceof TocsinError) return undefined;
    throw error;
  }
}

/** Sends the body whenever it has changed, as long as somebody looks. */
function follow(http: HttpContext<AppEnv>, incident: string): Response {
  const ctx = http.get("ctx");
  return streamSSE(http, async (stream) => {
    for (let last = ""; !stream.aborted && !ctx.signal.aborted;) {
      const body = await bodyNow(ctx, incident);
      if (body === undefined) return; // the browser asks again by itself
      if (body !== last) await stream.writeSSE({ event: "body", data: JSON.stringify(body) });
      last = body;
      await stream.sleep(EVERY_MS);
    }
  });
}
