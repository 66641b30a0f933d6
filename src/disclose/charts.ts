// Pictures as SVG text, without a script: they stand in a file that is opened in ten years.
import { html, raw } from "hono/html";

type Html = ReturnType<typeof html>;

export type Bar = { readonly label: string; readonly value: number; readonly note?: string };

const ROW = 26;
const LABELS = 190;
const WIDTH = 720;

/** Horizontal bars, longest first as given. Each bar says its number, so nobody has to measure. */
export function bars(title: string, data: readonly Bar[]): Html {
  const most = Math.max(1, ...data.map((bar) => bar.value));
  const rows = data.map((bar, place) => {
    const y = place * ROW;
    const width = Math.max(1, ((WIDTH - LABELS - 170) * bar.value) / most);
    return html`<text class="label" x="${LABELS - 10}" y="${y + 17}" text-anchor="end"
        >${bar.label}</text
      >
      <rect
        class="bar"
        x="${LABELS}"
        y="${y + 4}"
        width="${width.toFixed(1)}"
        height="${ROW - 9}"
        rx="2"
      ></rect>
      <text class="value" x="${(LABELS + width + 8).toFixed(1)}" y="${y + 17}"
        >${bar.value.toLocaleString("en-US")}${bar.note ? ` · ${bar.note}` : ""}</text
      >`;
  });
  return html`<figure>
    <figcaption>${title}</figcaption>
    <svg role="img" aria-label="${title}" viewBox="0 0 ${WIDTH} ${data.length * ROW}" width="100%">
      ${rows}
    </svg>
  </figure>`;
}

export type Part = { readonly state: string; readonly value: number };

/** One bar cut into its states: how the tasks of a step ended. */
export function stacked(label: string, parts: readonly Part[]): Html {
  const all = Math.max(
    1,
    parts.reduce((sum, part) => sum + part.value, 0),
  );
  let x = 0;
  const cuts = parts
    .filter((part) => part.value > 0)
    .map((part) => {
      const width = (part.value / all) * WIDTH;
      const cut = html`<rect
        class="state-${part.state}"
        x="${x.toFixed(2)}"
        y="0"
        width="${Math.max(0.5, width).toFixed(2)}"
        height="14"
        ><title>${part.state} ${part.value}</title></rect
      >`;
      x += width;
      return cut;
    });
  return html`<svg
    role="img"
    aria-label="${label}"
    class="stacked"
    viewBox="0 0 ${WIDTH} 14"
    preserveAspectRatio="none"
    width="100%"
    height="14"
  >
    ${cuts}
  </svg>`;
}

export const LIVE_SCRIPT = raw('<script src="/live.js" defer></script>');
