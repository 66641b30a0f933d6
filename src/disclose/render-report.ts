// The report as one HTML file that needs no network. `html` escapes every value: nothing from evidence becomes markup.
import { html, raw } from "hono/html";
import { affected, evidence } from "./report-affected.ts";
import { done, left, plans } from "./report-done.ts";
import { head } from "./report-head.ts";
import type { ReportModel } from "./report-model.ts";
import { proofs, timeline } from "./report-proof.ts";
import { REPORT_STYLE } from "./report-style.ts";

type Html = ReturnType<typeof html>;

export type Page = { readonly title: string; readonly body: Html; readonly script?: string };

/** A whole page in the report's style. `script` is an address of this server: the file has none. */
export async function renderPage({ title, body, script }: Page): Promise<string> {
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${raw(REPORT_STYLE)}
        </style>
        ${script === undefined ? "" : html`<script src="${script}" defer></script>`}
      </head>
      <body>
        ${body}
      </body>
    </html>`;
  return page.toString();
}

/** The whole report; `live` adds the script that keeps it current, which the file does without. */
export async function renderReport(
  model: ReportModel,
  options: { live: boolean },
): Promise<string> {
  return await renderPage({
    title: `${model.incident.title} · ${model.organisation}`,
    body: html`<main data-incident="${model.incident.name}">${renderBody(model)}</main>`,
    ...(options.live ? { script: "/live.js" } : {}),
  });
}

/** What the live view replaces as the run goes, section by section. */
export function renderBody(model: ReportModel): Html {
  return html`${head(model)}${affected(model)}${done(model)}${left(model)}${timeline(model)}${plans(model)}${evidence(model)}${proofs(model)}`;
}
