import { html } from "hono/html";
import { lineWords } from "../accounts/line-words.ts";
import type { AccountLine, AccountShown } from "../accounts/show-account.ts";
import { shown } from "./shown.ts";

type Html = ReturnType<typeof html>;

const WIDTH = 1_000;
const LEFT = 190;
const LANE = 26;
const MARK = 12;
const NARROWEST = 4;
const MOST_LANES = 12;
const LABEL_SHOWN = 24;
const FAILED = 2;

/**
 * The page's lines over time: a lane an address, a mark a line, from its first event to its last. Red was refused, ringed is new; grey are hours
 * of which no source has a record.
 */
export function accountLanes({
  lines,
  gaps,
}: Pick<AccountShown, "lines"> & Pick<AccountShown["searched"], "gaps">): Html | "" {
  const [head] = lines;
  if (head === undefined || lines.length < 2) return "";
  const from = Date.parse(head.first);
  const to = Math.max(...lines.map(({ last }) => Date.parse(last)));
  const scale = (at: number): number =>
    LEFT +
    ((Math.min(to, Math.max(from, at)) - from) / Math.max(1, to - from)) * (WIDTH - LEFT - MARK);
  const all = [...Map.groupBy(lines, ({ address }) => address)];
  const lanes = all.slice(0, MOST_LANES);
  const height = lanes.length * LANE;
  const within = gaps.filter((gap) => Date.parse(gap.to) > from && Date.parse(gap.from) < to);
  return html`<figure class="lanes">
    <figcaption>
      When and from where; red was refused, ringed is new, grey has no
      record${all.length > MOST_LANES ? html`; ${all.length - MOST_LANES} more addresses are below` : ""}
    </figcaption>
    <svg
      role="img"
      aria-label="The account's events over time, by address"
      viewBox="0 0 ${WIDTH} ${height}"
      style="width:100%;height:auto;display:block"
    >
      ${within.map((gap) => {
        const [left, right] = [scale(Date.parse(gap.from)), scale(Date.parse(gap.to))];
        return html`<rect
          x="${left.toFixed(1)}"
          y="0"
          width="${(right - left).toFixed(1)}"
          height="${height}"
          style="fill:var(--line);opacity:.6"
          ><title>no record for ${gap.hours} h</title></rect
        >`;
      })}
      ${lanes.map(([address, own], place) => lane({ address, own, top: place * LANE, scale }))}
    </svg>
    <p class="dim" style="display:flex;justify-content:space-between">
      <span>${moment(from)}</span><span>${moment(to)}</span>
    </p>
  </figure>`;
}

type Lane = {
  readonly address: string;
  readonly own: readonly AccountLine[];
  readonly top: number;
  readonly scale: (at: number) => number;
};

function lane({ address, own, top, scale }: Lane): Html {
  const name = address === "" ? "no address told" : shown(address);
  const label = name.length > LABEL_SHOWN ? `${name.slice(0, LABEL_SHOWN - 1)}…` : name;
  return html`<text x="0" y="${top + 17}" style="font-size:13px;fill:var(--dim)">${label}</text>
    <line
      x1="${LEFT}"
      y1="${top + LANE / 2}"
      x2="${WIDTH}"
      y2="${top + LANE / 2}"
      style="stroke:var(--line)"
    ></line>
    ${own.map((line) => mark(line, top, scale))}`;
}

function mark(line: AccountLine, top: number, scale: Lane["scale"]): Html {
  const [left, right] = [scale(Date.parse(line.first)), scale(Date.parse(line.last))];
  const fill = line.status_id === FAILED ? "var(--bad)" : "var(--accent)";
  const ring = line.isNew.length === 0 ? "" : ";stroke:var(--warn);stroke-width:3";
  const y = top + (LANE - MARK) / 2;
  return html`<rect
    x="${left.toFixed(1)}"
    y="${y}"
    width="${Math.max(NARROWEST, right - left).toFixed(1)}"
    height="${MARK}"
    rx="2"
    style="fill:${fill}${ring}"
    ><title>
      ${line.first.slice(0, 19)}
      ${shown(lineWords(line))}${line.events === 1 ? "" : ` ×${line.events}`}
    </title></rect
  >`;
}

function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
