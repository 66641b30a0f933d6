// The curve of the drill's phases over how many are affected: linear axes, so that what is linear looks it.

export type Curve = {
  readonly name: string;
  readonly points: readonly { readonly affected: number; readonly seconds: number }[];
};

const WIDTH = 900;
const HEIGHT = 460;
const AREA = { left: 78, right: 600, top: 62, bottom: 392 };
const COLOURS = 5;

const STYLE = `
    :root { color-scheme: light dark; --ink: #1f2328; --dim: #57606a; --grid: #d8dee4; --c0: #0550ae; --c1: #bf3989; --c2: #1a7f37; --c3: #9a6700; --c4: #6639ba; }
    @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #9da7b1; --grid: #30363d; --c0: #79c0ff; --c1: #ff9bce; --c2: #56d364; --c3: #e3b341; --c4: #d2a8ff; } }
    text { fill: var(--ink); } .title { font-size: 18px; font-weight: 600; } .dim { fill: var(--dim); font-size: 13px; }
    .grid { stroke: var(--grid); } .curve { fill: none; stroke-width: 2.5; } .name { font-size: 13.5px; font-weight: 600; }
    .lead { stroke-width: 1; fill: none; opacity: .6; }
${Array.from({ length: COLOURS }, (_, n) => `    .s${n} { stroke: var(--c${n}); } .f${n} { fill: var(--c${n}); }`).join("\n")}`;

export function scalePicture(curves: readonly Curve[], machine: string): string {
  const points = curves.flatMap((curve) => curve.points);
  const x = axis(Math.max(...points.map((one) => one.affected)), [AREA.left, AREA.right]);
  const y = axis(Math.max(...points.map((one) => one.seconds)), [AREA.bottom, AREA.top]);
  const labels = apart(curves.map(({ points: own }) => y.at(own.at(-1)?.seconds ?? 0)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title what" font-family="ui-sans-serif, system-ui, 'Segoe UI', Helvetica, Arial, sans-serif">
  <title id="title">Seconds of each phase of the drill over the number of accounts affected</title>
  <desc id="what">${curves.map(described).join(" ")}</desc>
  <style>${STYLE}
  </style>
  <text class="title" x="${AREA.left}" y="28">docker-hub-2019: time from the dump's arrival, by accounts affected</text>
  <text class="dim" x="${AREA.left}" y="48">seconds; ${machine}</text>
${y.ticks.map((tick) => `  <line class="grid" x1="${AREA.left}" x2="${AREA.right}" y1="${y.at(tick)}" y2="${y.at(tick)}"/><text class="dim" x="${AREA.left - 10}" y="${y.at(tick) + 4}" text-anchor="end">${tick.toLocaleString("en")}</text>`).join("\n")}
${x.ticks.map((tick) => `  <line class="grid" x1="${x.at(tick)}" x2="${x.at(tick)}" y1="${AREA.bottom}" y2="${AREA.bottom + 6}"/><text class="dim" x="${x.at(tick)}" y="${AREA.bottom + 22}" text-anchor="middle">${tick.toLocaleString("en")}</text>`).join("\n")}
  <text class="dim" x="${(AREA.left + AREA.right) / 2}" y="${AREA.bottom + 46}" text-anchor="middle">accounts affected (of 20 times as many customers)</text>
${curves.map((curve, n) => drawn(curve, { n: n % COLOURS, x, y, label: labels[n] ?? 0 })).join("\n")}
</svg>
`;
}

type Axis = { readonly ticks: readonly number[]; at(value: number): number };

/** From 0 to the next round number, in four to eight steps of 1, 2 or 5. */
function axis(most: number, [from, to]: readonly [number, number]): Axis {
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((one) => one * power >= rough) ?? 10);
  const count = Math.ceil(most / step);
  return {
    ticks: Array.from({ length: count + 1 }, (_, n) => n * step),
    at: (value) => round(from + ((to - from) * value) / (count * step)),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

type Drawing = { readonly n: number; readonly x: Axis; readonly y: Axis; readonly label: number };

function drawn({ name, points }: Curve, { n, x, y, label }: Drawing): string {
  const at = points.map((one) => [x.at(one.affected), y.at(one.seconds)] as const);
  const [lastX, lastY] = at.at(-1) ?? [AREA.right, AREA.bottom];
  const dots = at.map(([px, py]) => `<circle class="f${n}" cx="${px}" cy="${py}" r="4"/>`).join("");
  const text = `${name}: ${points.at(-1)?.seconds.toLocaleString("en") ?? ""} s`;
  return `  <polyline class="curve s${n}" points="${at.map((one) => one.join(",")).join(" ")}"/>${dots}
  <path class="lead s${n}" d="M${lastX + 6} ${lastY} L${AREA.right + 14} ${label}"/><text class="name f${n}" x="${AREA.right + 18}" y="${round(label + 4)}" style="fill:var(--c${n})">${text}</text>`;
}

/** Labels at least a line apart, in the order of their curves. */
function apart(wanted: readonly number[]): number[] {
  const order = wanted.map((y, n) => ({ y, n })).toSorted((a, b) => b.y - a.y);
  const placed: number[] = [];
  let below = AREA.bottom + 22;
  for (const { y, n } of order) {
    below = Math.min(y, below - 22);
    placed[n] = below;
  }
  return placed;
}

function described({ name, points }: Curve): string {
  return `${name}: ${points.map((one) => `${one.seconds} s at ${one.affected.toLocaleString("en")}`).join(", ")}.`;
}
