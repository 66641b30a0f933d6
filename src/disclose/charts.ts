// Pictures without a script: they stand in a file that is opened in ten years, and their text stays legible on a phone.
import { html } from "hono/html";

type Html = ReturnType<typeof html>;

export type Bar = { readonly label: string; readonly value: number; readonly note?: string };

/** Horizontal bars, in the order given. Each says its number, so nobody has to measure. */
export function bars(title: string, data: readonly Bar[]): Html {
  const most = Math.max(1, ...data.map((bar) => bar.value));
  return html`<figure class="bars">
    <figcaption>${title}</figcaption>
    <dl>
      ${data.map(
        ({ label, value, note }) =>
          html`<div>
            <dt>${label}</dt>
            <dd>
              <span class="bar" style="width:${share(value, most)}"></span>
              <b>${value.toLocaleString("en-US")}</b
              >${note ? html` <span class="dim">${note}</span>` : ""}
            </dd>
          </div>`,
      )}
    </dl>
  </figure>`;
}

// A value that is there is seen, however small. The number beside the longest bar has its place too.
function share(value: number, most: number): string {
  return `${Math.max(0.4, (value / most) * 58).toFixed(2)}%`;
}

export const OUTCOMES = ["done", "gone", "unreachable", "refused", "unknown", "waiting"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const OUTCOME_MEANS = {
  done: "done, and read back where that can be",
  gone: "no longer there when its turn came",
  unreachable: "nobody or nothing answered",
  refused: "the other side said no",
  unknown: "may or may not have happened",
  waiting: "not over yet",
} as const satisfies Record<Outcome, string>;

/** One bar cut into its outcomes. The legend below says what the colours are. */
export function stacked(label: string, counts: Readonly<Record<Outcome, number>>): Html {
  const all = OUTCOMES.reduce((sum, state) => sum + counts[state], 0);
  const said = OUTCOMES.filter((state) => counts[state] > 0).map(
    (state) => `${state} ${counts[state].toLocaleString("en-US")}`,
  );
  return html`<span
    class="stacked"
    role="img"
    aria-label="${label}: ${said.join(", ") || "no targets"}"
    >${OUTCOMES.map((state) =>
      counts[state] > 0
        ? html`<i class="is-${state}" style="flex-grow:${counts[state] / all}"></i>`
        : "",
    )}</span
  >`;
}

export function legend(): Html {
  return html`<ul class="legend">
    ${OUTCOMES.map(
      (state) => html`<li><i class="is-${state}"></i>${state}: ${OUTCOME_MEANS[state]}</li>`,
    )}
  </ul>`;
}

export type Moment = { readonly at: string; readonly outcomes: number };

/** How many outcomes came when: columns over time, with the first and the last moment under it. */
export function columns(title: string, slots: readonly Moment[], slotMs: number): Html | "" {
  const [first, last] = [slots[0], slots.at(-1)];
  if (!first || !last || slots.length < 2) return "";
  const from = Date.parse(first.at);
  const places = Math.round((Date.parse(last.at) - from) / slotMs) + 1;
  const most = Math.max(...slots.map((slot) => slot.outcomes));
  const rects = slots.map((slot) => {
    const height = Math.max(1, (slot.outcomes / most) * 60);
    const x = Math.round((Date.parse(slot.at) - from) / slotMs);
    return html`<rect
      x="${x + 0.08}"
      y="${(60 - height).toFixed(2)}"
      width="0.84"
      height="${height.toFixed(2)}"
    ></rect>`;
  });
  const unit = slotMs % 60_000 === 0 ? `${slotMs / 60_000} min` : `${slotMs / 1000} s`;
  return html`<figure class="columns">
    <figcaption>${title}, at most ${most.toLocaleString("en-US")} in ${unit}</figcaption>
    <svg role="img" aria-label="${title}" viewBox="0 0 ${places} 60" preserveAspectRatio="none">
      ${rects}
    </svg>
    <p class="ends dim"><span>${clockOf(first.at)}</span><span>${clockOf(last.at)}</span></p>
  </figure>`;
}

function clockOf(at: string): string {
  return `${at.slice(11, 19)} UTC`;
}
