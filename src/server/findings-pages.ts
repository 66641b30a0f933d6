// The pages of findings. `html` escapes every value: nothing that a log holds becomes markup.
import { Hono, type Context as HttpContext } from "hono";
import { html } from "hono/html";
import { streamSSE } from "hono/streaming";
import { TocsinError } from "../core/errors.ts";
import type { Context } from "../db/context.ts";
import type { FindingRow } from "../detect/findings/finding-row.ts";
import {
  findingFigures,
  type FindingFigures,
  listFindings,
} from "../detect/findings/list-findings.ts";
import { type FindingShown, showFinding } from "../detect/findings/show-finding.ts";
import { streamFigures, type StreamFigures } from "../logs/ingest/stream-figures.ts";
import { renderPage } from "../disclose/render-report.ts";
import type { AppEnv } from "./app.ts";
import { eventLanes } from "./event-lanes.ts";

type Html = ReturnType<typeof html>;

const EVERY_MS = 1_000;

const LIVE = `
const main = document.querySelector("main");
new EventSource("/findings/events").addEventListener("body", (event) => { main.innerHTML = JSON.parse(event.data); });
`;

export function findingsPages(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/findings.js", (http) => http.body(LIVE, 200, { "content-type": "text/javascript" }));
  app.get("/findings", async (http) => {
    const body = html`<main>${await listBody(http.get("ctx"))}</main>`;
    return http.html(
      await renderPage({ title: "Findings · Tocsin", body, script: "/findings.js" }),
    );
  });
  app.get("/findings/events", (http) => follow(http));
  app.get("/findings/:uid", async (http) => {
    const finding = await showFinding(http.get("ctx"), { uid: http.req.param("uid") });
    const body = html`<main>${findingBody(finding)}</main>`;
    return http.html(await renderPage({ title: `${finding.title} · Tocsin`, body }));
  });
  return app;
}

async function listBody(ctx: Context): Promise<Html> {
  const [findings, figures, streams] = [
    await listFindings(ctx, {}),
    await findingFigures(ctx),
    await streamFigures(ctx, {}),
  ];
  return html`<p class="dim"><a href="/">Incidents</a></p>
    <h1>Findings <span class="state">${figures.open} open</span></h1>
    ${findings.length === 0 ? html`<p>Nothing was found.</p>` : findingsTable(findings)}
    ${suppressedShown(figures)} ${streamsShown(streams)}`;
}

function findingsTable(findings: readonly FindingRow[]): Html {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th>finding</th>
          <th>level</th>
          <th>who and where</th>
          <th class="n">events</th>
          <th>last</th>
        </tr>
      </thead>
      <tbody>
        ${findings.map(findingLine)}
      </tbody>
    </table>
  </div>`;
}

function findingLine({ uid, title, level, entities, count, last, incident }: FindingRow): Html {
  const who = [...new Set(entities.map(({ value }) => value))];
  return html`<tr>
    <td>
      <a href="/findings/${uid}">${title}</a>
      <div class="dim">
        ${uid.slice(0, 8)}${incident === null ? "" : html` · <a href="/incidents/${incident}">${incident}</a>`}
      </div>
    </td>
    <td>${levelShown(level)}</td>
    <td>${who.join(" · ")}</td>
    <td class="n">${count.toLocaleString("en-US")}</td>
    <td>${minute(last)}</td>
  </tr>`;
}

function levelShown(level: FindingRow["level"]): Html {
  const serious = level === "high" || level === "critical";
  return serious ? html`<span class="overdue">${level}</span>` : html`${level}`;
}

function suppressedShown({ suppressions }: FindingFigures): Html | "" {
  if (suppressions.length === 0) return "";
  return html`<h2>Suppressed</h2>
    <ul>
      ${suppressions.map(
        ({ rule, entities, until, because, madeBy, findings, events }) =>
          html`<li>
            ${rule}
            ${Object.entries(entities).map(([name, value]) => html`<code>${name}=${value}</code> `)}
            until ${minute(until)}: ${because}
            <span class="dim"
              >— ${madeBy} · ${findings.toLocaleString("en-US")} findings,
              ${events.toLocaleString("en-US")} events</span
            >
          </li>`,
      )}
    </ul>`;
}

function streamsShown(streams: readonly StreamFigures[]): Html | "" {
  if (streams.length === 0) return "";
  return html`<h2>Logs that come by themselves</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>log</th>
            <th class="n">records</th>
            <th class="n">rejected</th>
            <th class="n">too late for correlations</th>
            <th>last</th>
          </tr>
        </thead>
        <tbody>
          ${streams.map(
            ({ stream, records, rejected, tooLate, lastAt }) =>
              html`<tr>
                <td>${stream}</td>
                <td class="n">${records.toLocaleString("en-US")}</td>
                <td class="n">${rejected.toLocaleString("en-US")}</td>
                <td class="n">${tooLate.toLocaleString("en-US")}</td>
                <td>${lastAt === null ? "" : minute(lastAt)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function findingBody(finding: FindingShown): Html {
  const { title, state, level, count, first, last, rule, file, tags, incident } = finding;
  return html`<p class="dim"><a href="/findings">Findings</a></p>
    <h1>${title} <span class="state">${state}</span></h1>
    <dl class="facts">
      ${fact("level", levelShown(level))} ${fact("events", count.toLocaleString("en-US"))}
      ${fact("first", moment(first))} ${fact("last", moment(last))}
      ${finding.entities.map(({ name, value }) => fact(name, value))}
      ${fact("rule", html`<code>${rule}</code> <span class="dim">${file}</span>`)}
      ${tags.length === 0 ? "" : fact("tags", tags.join(", "))}
      ${incident === null ? "" : fact("incident", html`<a href="/incidents/${incident}">${incident}</a>`)}
      ${finding.closedBecause === null ? "" : fact("closed", `${finding.closedBecause} — ${finding.closedBy}`)}
    </dl>
    ${eventLanes(finding)}
    <h2>Events</h2>
    <p class="dim">
      ${finding.lines.length} of ${count.toLocaleString("en-US")}, in order of time. That you read
      them is in the ledger.
    </p>
    ${finding.lines.map(
      ({ source, place, time, raw }) =>
        html`<article>
          <p class="dim">${moment(time)} · ${source}:${place}</p>
          <pre>${raw}</pre>
        </article>`,
    )}`;
}

function fact(name: string, value: string | Html): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function minute(at: string): string {
  return `${at.slice(0, 16).replace("T", " ")} UTC`;
}

function moment(at: string): string {
  return `${at.slice(0, 23).replace("T", " ")} UTC`;
}

/** Sends the list whenever it has changed, as long as somebody looks. */
function follow(http: HttpContext<AppEnv>): Response {
  const ctx = http.get("ctx");
  return streamSSE(http, async (stream) => {
    for (let last = ""; !stream.aborted && !ctx.signal.aborted;) {
      const body = await bodyNow(ctx);
      if (body === undefined) return; // the browser asks again by itself
      if (body !== last) await stream.writeSSE({ event: "body", data: JSON.stringify(body) });
      last = body;
      await stream.sleep(EVERY_MS);
    }
  });
}

async function bodyNow(ctx: Context): Promise<string | undefined> {
  try {
    return String(await listBody(ctx));
  } catch (error) {
    if (error instanceof TocsinError) return undefined;
    throw error;
  }
}
