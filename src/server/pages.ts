// The live pages: what the report shows, kept current while a run goes.
import { Hono, type Context as HttpContext } from "hono";
import { html } from "hono/html";
import { streamSSE } from "hono/streaming";
import { renderBody, renderReport } from "../disclose/render-report.ts";
import { reportModel } from "../disclose/report-model.ts";
import { REPORT_STYLE } from "../disclose/report-style.ts";
import { raw } from "hono/html";
import { listIncidents } from "../incidents/list-incidents.ts";
import type { AppEnv } from "./app.ts";

const EVERY_MS = 1_000;

const LIVE = `
const main = document.querySelector("main[data-incident]");
const events = new EventSource("/incidents/" + main.dataset.incident + "/events");
events.addEventListener("body", (event) => { main.innerHTML = JSON.parse(event.data); });
`;

export function pages(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/live.js", (http) => http.body(LIVE, 200, { "content-type": "text/javascript" }));
  app.get("/", async (http) => {
    const incidents = await listIncidents(http.get("ctx"));
    return http.html(
      html`<!doctype html>
        <html lang="en">
          <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <title>Tocsin</title>
            <style>
              ${raw(REPORT_STYLE)}
            </style>
          </head>
          <body>
            <main>
              <h1>Incidents</h1>
              ${
                incidents.length === 0
                  ? html`<p>There is none. <code>tocsin new NAME</code> starts one.</p>`
                  : html`<table>
                      <tbody>
                        ${incidents.map(
                          (one) =>
                            html`<tr>
                              <td><a href="/incidents/${one.name}">${one.title}</a></td>
                              <td><span class="state">${one.state}</span></td>
                              <td>${one.lead}</td>
                              <td class="dim">
                                ${one.opened_at.toISOString().slice(0, 16).replace("T", " ")}
                              </td>
                            </tr>`,
                        )}
                      </tbody>
                    </table>`
              }
            </main>
          </body>
        </html>`,
    );
  });
  app.get("/incidents/:incident", async (http) => {
    const model = await reportModel(http.get("ctx"), { incident: http.req.param("incident") });
    return http.html(await renderReport(model, { live: true }));
  });
  app.get("/incidents/:incident/events", (http) => follow(http, http.req.param("incident")));
  return app;
}

/** Sends the body whenever it has changed, as long as somebody looks. */
function follow(http: HttpContext<AppEnv>, incident: string): Response {
  const ctx = http.get("ctx");
  return streamSSE(http, async (stream) => {
    for (let last = ""; !stream.aborted && !ctx.signal.aborted;) {
      const body = String(await renderBody(await reportModel(ctx, { incident })));
      if (body !== last) await stream.writeSSE({ event: "body", data: JSON.stringify(body) });
      last = body;
      await stream.sleep(EVERY_MS);
    }
  });
}
