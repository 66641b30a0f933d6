// Who, and which of their data, in how many countries; and the evidence that says so.
import { html } from "hono/html";
import { titleOf } from "../core/categories.ts";
import type { PlanView } from "../incidents/plan/plan-view.ts";
import { bars } from "./charts.ts";
import { largestOf } from "./report-head.ts";
import type { ReportModel } from "./report-model.ts";
import { country, number, plural } from "./words.ts";

type Html = ReturnType<typeof html>;
type CohortShown = PlanView["cohorts"][number];

const MOST_COUNTRIES = 15;

export function affected({ view }: ReportModel): Html | "" {
  const largest = largestOf(view);
  if (!view || !largest) return "";
  const categories = largest.categories.map((one) => ({
    label: titleOf(one.category, "en"),
    value: one.accounts,
    note: `${one.sureness}${formsOf(one)}`,
  }));
  return html`<section id="affected">
    <h2>Who is affected, and which of their data</h2>
    ${bars(`Data exposed: accounts of “${largest.name}”, and people in no registry, with each`, categories)}
    ${bars(`Where they are: accounts of “${largest.name}” by country`, countriesOf(largest))}
    ${cohorts(view)} ${special(largest)}
  </section>`;
}

function formsOf({ details }: CohortShown["categories"][number]): string {
  const forms = details.filter((one) => one.detail !== "");
  if (forms.length === 0) return "";
  const said = forms.map(
    (one) => `${number(one.accounts)} ${one.detail}${one.grade === "" ? "" : ` (${one.grade})`}`,
  );
  return `: ${said.join(", ")}`;
}

function countriesOf(cohort: CohortShown): { label: string; value: number }[] {
  const known = cohort.countries.filter((one) => one.country !== "");
  const nowhere = cohort.countries.find((one) => one.country === "")?.accounts ?? 0;
  const rest = known.slice(MOST_COUNTRIES);
  const others = rest.reduce((sum, one) => sum + one.accounts, 0);
  return [
    ...known
      .slice(0, MOST_COUNTRIES)
      .map((one) => ({ label: country(one.country), value: one.accounts })),
    ...(others > 0
      ? [{ label: plural(rest.length, "other country", "other countries"), value: others }]
      : []),
    ...(nowhere > 0 ? [{ label: "country not known", value: nowhere }] : []),
  ];
}

function cohorts(view: PlanView): Html {
  return html`<div class="scroll">
    <table>
      <caption>
        The cohorts overlap: a person can be in several.
      </caption>
      <thead>
        <tr>
          <th>cohort</th>
          <th class="n">accounts</th>
          <th class="n">people</th>
          <th>sure</th>
          <th>data</th>
        </tr>
      </thead>
      <tbody>
        ${view.cohorts.map(
          (cohort) =>
            html`<tr>
              <td>${cohort.name}</td>
              <td class="n">${number(cohort.accounts)}</td>
              <td class="n">${number(cohort.people)}</td>
              <td>${[...new Set(cohort.categories.map((one) => one.sureness))].join(", ")}</td>
              <td>${cohort.categories.map((one) => titleOf(one.category, "en")).join(", ")}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function special(cohort: CohortShown): Html | "" {
  const facts = [
    [cohort.unregistered, "in the evidence and not in the registry"],
    [cohort.ambiguous, "identifiers point to two people, who are never told automatically"],
    [cohort.doNotContact, "marked do-not-contact: listed, not told"],
    [cohort.minors, "minors: their guardians are written to"],
    [cohort.estates, "accounts of an estate: its contact is written to"],
    [cohort.withoutAddress, "without an address that can be written to"],
  ] as const;
  const shown = facts.filter(([count]) => count > 0);
  if (shown.length === 0) return "";
  return html`<ul>
    ${shown.map(([count, what]) => html`<li><b>${number(count)}</b> ${what}</li>`)}
  </ul>`;
}

export function evidence({ evidence: all }: ReportModel): Html | "" {
  if (all.length === 0) return "";
  return html`<section id="evidence">
    <h2>The evidence</h2>
    <p class="dim">
      Hashed and sealed when it was taken; each later look at it is in the ledger. Nothing of its
      content stands here.
    </p>
    ${all.map(
      (one) =>
        html`<article>
          <h3>
            ${one.key}
            <span class="dim"
              >${one.kind}, taken ${one.addedAt.slice(0, 16).replace("T", " ")} UTC by
              ${one.addedBy}</span
            >
          </h3>
          <p>
            ${plural(one.bytes, "byte", "bytes")}${one.rows === null ? "" : `, ${plural(one.rows, "row", "rows")} read`}${one.setAside ? `, ${number(one.setAside)} set aside` : ""}
          </p>
          <p class="mono">SHA-256 ${one.sha256}</p>
          ${
            one.unread.length === 0
              ? ""
              : html`<details>
                  <summary>${plural(one.unread.length, "part was", "parts were")} not read</summary>
                  <ul>
                    ${one.unread.map((part) => html`<li>${part.at}: ${part.reason}, ${part.detail}</li>`)}
                  </ul>
                </details>`
          }
          ${
            one.columns.length === 0
              ? ""
              : html`<details>
                  <summary>
                    ${plural(one.columns.length, "column", "columns")} and what each was taken for
                  </summary>
                  <ul>
                    ${one.columns.map(
                      (column) =>
                        html`<li>
                          <code>${column.column}</code>
                          ${column.category === null ? "not personal" : titleOf(column.category, "en")}
                          <span class="dim">by ${column.how}</span>
                        </li>`,
                    )}
                  </ul>
                </details>`
          }
        </article>`,
    )}
  </section>`;
}
