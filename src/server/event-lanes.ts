import { html } from "hono/html";
import type { FindingRow } from "../detect/findings/finding-row.ts";

type Html = ReturnType<typeof html>;

const WIDTH = 1_000;
const MARK = 4;

/** When its events were: a lane a source, a mark an event, from the first to the last. */
export function eventLanes({
  events,
  first,
  last,
}: Pick<FindingRow, "events" | "first" | "last">): Html | "" {
  if (events.length < 2) return "";
  const from = Date.parse(first);
  const span = Math.max(1, Date.parse(last) - from);
  const lanes = [...Map.groupBy(events, ({ source }) => source)];
  return html`<figure class="columns">
    <figcaption>The first ${events.length} events over time</figcaption>
    ${lanes.map(([source, own]) => {
      const marks = own.map(({ time }) => {
        const x = ((Date.parse(time) - from) / span) * (WIDTH - MARK);
        return html`<rect x="${x.toFixed(1)}" y="0" width="${MARK}" height="60"></rect>`;
      });
      return html`<p class="dim">${source}</p>
        <svg
          role="img"
          aria-label="${own.length} events of ${source}"
          viewBox="0 0 ${WIDTH} 60"
          preserveAspectRatio="none"
          style="height:1.5rem"
        >
          ${marks}
        </svg>`;
    })}
    <p class="ends dim"><span>${clockOf(first)}</span><span>${clockOf(last)}</span></p>
  </figure>`;
}

function clockOf(at: string): string {
  return `${at.slice(0, 19).replace("T", " ")} UTC`;
}
