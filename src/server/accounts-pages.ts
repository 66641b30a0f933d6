// The pages of accounts and of searches for activity. `html` escapes every value: nothing that a log holds becomes markup.
import { Hono } from "hono";
import { html } from "hono/html";
import {
  type Activity,
  limitsOf,
  minute,
  type Reach,
  reachOf,
  verdictOf,
} from "../accounts/activity.ts";
import { lineWords, placeWords } from "../accounts/line-words.ts";
import { listActivity, type ActivityListed, showActivity } from "../accounts/list-activity.ts";
import {
  type AccountLine,
  type AccountShown,
  showAccount,
  ShowAccountInput,
} from "../accounts/show-account.ts";
import { renderPage } from "../disclose/render-report.ts";
import { accountLanes } from "./account-lanes.ts";
import type { AppEnv } from "./app.ts";
import { shown } from "./shown.ts";

type Html = ReturnType<typeof html>;

/** What the address of an account's page may say beside who it is. */
const Asked = ShowAccountInput.pick({ from: true, to: true, after: true, limit: true });

export function accountsPages(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/accounts", async (http) => {
    const who = http.req.query("who")?.trim() ?? "";
    if (who !== "") return http.redirect(`/accounts/${encodeURIComponent(who)}`);
    const body = html`<main>
      ${back()}
      <h1>Accounts</h1>
      ${lookForm()}
    </main>`;
    return http.html(await renderPage({ title: "Accounts · Tocsin", body }));
  });
  app.get("/accounts/:who", async (http) => {
    const asked = http.req.query();
    const known = Object.entries(asked).filter(([name]) => Object.hasOwn(Asked.shape, name));
    const who = http.req.param("who");
    const account = await showAccount(http.get("ctx"), { ...Object.fromEntries(known), who });
    const body = html`<main>${accountBody(account)}</main>`;
    return http.html(await renderPage({ title: `${shown(who)} · Tocsin`, body }));
  });
  app.get("/activity", async (http) => {
    const body = html`<main>${listBody(await listActivity(http.get("ctx"), {}))}</main>`;
    return http.html(await renderPage({ title: "Activity · Tocsin", body }));
  });
  app.get("/activity/:id", async (http) => {
    const activity = await showActivity(http.get("ctx"), { id: http.req.param("id") });
    const body = html`<main>${activityBody(activity)}</main>`;
    return http.html(await renderPage({ title: "Activity · Tocsin", body }));
  });
  return app;
}

function back(): Html {
  return html`<p class="dim">
    <a href="/">Incidents</a> · <a href="/findings">Findings</a> ·
    <a href="/accounts">Accounts</a> ·
    <a href="/activity">Activity</a>
  </p>`;
}

function lookForm(): Html {
  return html`<form action="/accounts" method="get">
    <label
      >Who: an e-mail address, a user name, an id, REGISTRY/ACCOUNT
      <input name="who" maxlength="500" autofocus required /></label
    ><button>Look</button>
    <p class="dim">Each look is in the ledger.</p>
  </form>`;
}

function accountBody(account: AccountShown): Html {
  const { registry, who, events, from, to, first, last, searched, lines, next } = account;
  const name = registry === undefined ? who : `${registry}/${account.account ?? ""}`;
  const seen = events === 0 ? "not seen" : `${events.toLocaleString("en-US")} events`;
  const identifiers = account.identifiers.filter(({ kind }) => kind !== "key");
  const spellings = account.spellings.map(({ text }) => text);
  return html`${back()}
    <h1>${shown(name)} <span class="state">${seen}</span></h1>
    <dl class="facts">
      ${registry === undefined ? fact("registry", "knows nobody of that name: what the logs call so") : ""}
      ${identifiers.map(({ kind, value }) => fact(kind, value))}
      ${spellings.length === 0 ? "" : fact("in the logs as", spellings.join(", "))}
      ${fact("span", `${minute(from)} to ${minute(to)}`)}
      ${first === undefined ? "" : fact("first", minute(first))}
      ${last === undefined ? "" : fact("last", minute(last))}
    </dl>
    ${accountLanes({ lines, gaps: searched.gaps })} ${traitsTable(account)} ${linesTable(lines)}
    ${next === undefined ? "" : html`<p><a href="${pageOf(account, next)}">More lines</a></p>`}
    ${searchedShown({ searched, timeless: account.timeless, of: "accounts", unregistered: 0 })}
    <p class="dim">That you looked is in the ledger.</p>`;
}

function pageOf({ who, from, to }: AccountShown, after: string): string {
  return `/accounts/${encodeURIComponent(who)}?${new URLSearchParams({ from, to, after }).toString()}`;
}

const KIND_SHOWN = { address: "address", token: "token", agent: "program" } as const;

function traitsTable({ traits, places }: AccountShown): Html | "" {
  if (traits.length === 0) return "";
  return html`<h2>Seen with</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th></th>
            <th></th>
            <th class="n">events</th>
            <th class="n">sign-ins</th>
            <th class="n">refused</th>
            <th>first</th>
            <th>last</th>
          </tr>
        </thead>
        <tbody>
          ${traits.map(
            ({ kind, value, events, signIns, refused, first, last, isNew }) =>
              html`<tr>
                <td class="dim">${KIND_SHOWN[kind]}</td>
                <td>
                  ${shown(value)}
                  ${isNew ? html`<span class="overdue">new</span>` : ""}${kind === "address" ? html`<div class="dim">${shown(placeWords(places[value]))}</div>` : ""}
                </td>
                <td class="n">${events.toLocaleString("en-US")}</td>
                <td class="n">${signIns.toLocaleString("en-US")}</td>
                <td class="n">${refused.toLocaleString("en-US")}</td>
                <td>${minute(first)}</td>
                <td>${minute(last)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function linesTable(lines: readonly AccountLine[]): Html | "" {
  if (lines.length === 0) return "";
  return html`<h2>Timeline</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>UTC</th>
            <th>what</th>
            <th class="n">events</th>
            <th>from</th>
            <th>log</th>
          </tr>
        </thead>
        <tbody>
          ${lines.map(lineRow)}
        </tbody>
      </table>
    </div>`;
}

function lineRow(line: AccountLine): Html {
  const { first, last, events, address, source, isNew, timeless, status_id: status } = line;
  const words = shown(lineWords(line));
  const until = events === 1 ? "" : html`<div class="dim">until ${last.slice(11, 19)}</div>`;
  return html`<tr>
    <td>${timeless === 0 ? "" : "~ "}${first.slice(0, 19).replace("T", " ")}${until}</td>
    <td>${status === 2 ? html`<span class="overdue">${words}</span>` : words}</td>
    <td class="n">${events.toLocaleString("en-US")}</td>
    <td>
      ${shown(address)}
      ${isNew.length === 0 ? "" : html`<div class="overdue">new ${isNew.map((kind) => KIND_SHOWN[kind]).join(", ")}</div>`}
    </td>
    <td class="dim">${shown(source)}:${line.first_place}</td>
  </tr>`;
}

function searchedShown(reach: Reach): Html {
  const { searched, of } = reach;
  return html`<h2>Where was looked</h2>
    <ul class="warnings">
      ${limitsOf(reach).map((limit) => html`<li>${shown(limit)}</li>`)}
    </ul>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>source</th>
            <th class="n">events</th>
            <th class="n">${of === "resources" ? "say on what" : "say whose"}</th>
            <th class="n">hours</th>
            <th>without a record</th>
          </tr>
        </thead>
        <tbody>
          ${searched.sources.map(
            ({ source, events, named, covered, hours, gaps }) =>
              html`<tr>
                <td>${shown(source)}</td>
                <td class="n">${events.toLocaleString("en-US")}</td>
                <td class="n">${named.toLocaleString("en-US")}</td>
                <td class="n">${covered} of ${hours}</td>
                <td class="dim">
                  ${gaps.map((gap) => html`<div>${minute(gap.from)} for ${gap.hours.toLocaleString("en-US")} h</div>`)}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function listBody(searches: readonly ActivityListed[]): Html {
  return html`${back()}
    <h1>Activity</h1>
    ${
      searches.length === 0
        ? html`<p>
            Nothing was searched.
            <code>tocsin activity --of COHORT --incident NAME --after TIME</code> does.
          </p>`
        : html`<div class="scroll">
            <table>
              <thead>
                <tr>
                  <th>searched</th>
                  <th>span</th>
                  <th>found</th>
                  <th>by</th>
                </tr>
              </thead>
              <tbody>
                ${searches.map(
                  ({ id, at, by, from, to, verdict, incident }) =>
                    html`<tr>
                      <td><a href="/activity/${id}">${minute(at)}</a></td>
                      <td>${minute(from)} to ${minute(to)}</td>
                      <td>
                        ${verdict}
                        ${incident === null ? "" : html`<div><a href="/incidents/${incident}">${incident}</a></div>`}
                      </td>
                      <td>${shown(by)}</td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>`
    }`;
}

function activityBody(activity: Activity): Html {
  const { lookedFor, searched, incident, things, seen, at, by } = activity;
  const of = lookedFor.cohort ?? `a list of ${lookedFor.as}`;
  return html`${back()}
    <h1>Activity of ${shown(of)}</h1>
    <p><b>${verdictOf(activity)}</b></p>
    <dl class="facts">
      ${fact("span", `${minute(searched.from)} to ${minute(searched.to)}`)}
      ${fact("searched", `${searched.events.toLocaleString("en-US")} events, ${minute(at)}, by ${by}`)}
      ${fact("looked for", lookedFor.count.toLocaleString("en-US"))}
      ${lookedFor.plain === 0 ? "" : fact("in no registry", `${lookedFor.plain.toLocaleString("en-US")}, looked for as they are`)}
      ${lookedFor.ambiguous === 0 ? "" : fact("of several", `${lookedFor.ambiguous.toLocaleString("en-US")} identifiers; all their accounts were looked for`)}
      ${incident === undefined ? "" : fact("incident", html`<a href="/incidents/${incident}">${incident}</a>`)}
    </dl>
    ${things.length === 0 ? "" : thingsTable(activity)}
    ${seen > things.length ? html`<p class="dim">and ${(seen - things.length).toLocaleString("en-US")} more</p>` : ""}
    ${searchedShown(reachOf(activity))}
    <p class="dim">As it was then; that you looked is in the ledger.</p>`;
}

function thingsTable({ things, lookedFor }: Activity): Html {
  const accounts = lookedFor.as !== "resources";
  return html`<h2>Seen</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>${accounts ? "account" : "resource"}</th>
            <th class="n">events</th>
            <th class="n">sign-ins</th>
            <th>${accounts ? "what" : "by"}</th>
            <th>from</th>
            <th>first</th>
            <th>last</th>
          </tr>
        </thead>
        <tbody>
          ${things.map(
            (one) =>
              html`<tr>
                <td>
                  ${accounts ? html`<a href="/accounts/${encodeURIComponent(one.thing)}">${shown(one.thing)}</a>` : shown(one.thing)}
                </td>
                <td class="n">${one.events.toLocaleString("en-US")}</td>
                <td class="n">${one.signIns.toLocaleString("en-US")}</td>
                <td>${(accounts ? one.families : one.others.map(shown)).join(", ")}</td>
                <td>${one.addresses.map(shown).join(", ")}</td>
                <td>${minute(one.first)}</td>
                <td>${minute(one.last)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function fact(name: string, value: string | Html): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${typeof value === "string" ? shown(value) : value}</dd>
  </div>`;
}
