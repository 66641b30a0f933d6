// The events in question, cut into parts of one kind that are small enough to be worked through one at a time.
import { z } from "zod";
import { quote } from "../../db/click-bind.ts";
import type { Click } from "../../db/click.ts";
import type { EventKind } from "./log-source.ts";
import { type EventScope, scopeSql } from "./scope-sql.ts";

export type EventPart = EventKind & {
  readonly format: string;
  readonly events: number;
  /** Conditions over the columns of `events`. */
  readonly where: string;
  /** Further conditions that leave about as many events, from all over the part. */
  windows(events: number): string;
};

/** What a part may keep between the passes is bounded by its events (a few GB in the worst case, on disk). */
const MOST = 4_000_000;

const Row = z.object({
  format: z.string(),
  product: z.string(),
  category: z.string(),
  service: z.string(),
  source: z.string(),
  events: z.number(),
  first: z.number(),
  last: z.number(),
});
type Row = z.output<typeof Row>;

export async function* eventParts(click: Click, scope: EventScope): AsyncGenerator<EventPart> {
  const within = scopeSql(scope);
  let open: Row[] = [];
  const rows = click.stream(
    Row,
    `select format, product, category, service, source, count() as events, min(place) as first, max(place) as last
     from events ${within.length === 0 ? "" : `where ${within.join(" and ")}`}
     group by format, product, category, service, source order by format, product, category, service, source`,
  );
  // Gathered first: one connection streams at a time, and the passes read meanwhile.
  const all: Row[] = [];
  for await (const some of rows) all.push(...some);
  for (const row of all) {
    const [first] = open;
    const sameKind = first !== undefined && kindSql(first) === kindSql(row);
    if (
      first !== undefined &&
      (!sameKind || total(open) + row.events > MOST || open.length === SOURCES)
    ) {
      yield* cut(open, within);
      open = [];
    }
    open.push(row);
  }
  if (open.length > 0) yield* cut(open, within);
}

/** Sources of one part. */
const SOURCES = 1_000;

function total(rows: readonly Row[]): number {
  return rows.reduce((sum, { events }) => sum + events, 0);
}

function kindSql({ format, product, category, service }: Row): string {
  return `format = ${quote(format)} and category = ${quote(category)} and service = ${quote(service)} and product = ${quote(product)}`;
}

function* cut(rows: readonly Row[], within: readonly string[]): Generator<EventPart> {
  const [row] = rows;
  if (row === undefined) return;
  const sources = `source in (${rows.map(({ source }) => quote(source)).join(", ")})`;
  const first = Math.min(...rows.map((one) => one.first));
  const last = Math.max(...rows.map((one) => one.last));
  const { format, product, category, service } = row;
  const pieces = Math.ceil(total(rows) / MOST);
  const width = Math.ceil((last - first + 1) / pieces);
  for (let piece = 0; piece < pieces; piece += 1) {
    const from = first + piece * width;
    const to = Math.min(last, from + width - 1);
    const places = pieces === 1 ? [] : [`place between ${from} and ${to}`];
    yield {
      format,
      product,
      category,
      service,
      events: Math.ceil(total(rows) / pieces),
      where: [kindSql(row), sources, ...within, ...places].join(" and "),
      windows: (events) => windowsSql({ from, to, share: (events * pieces) / total(rows) }),
    };
  }
}

const WINDOWS = 8;

function windowsSql({
  from,
  to,
  share,
}: {
  readonly from: number;
  readonly to: number;
  readonly share: number;
}): string {
  if (share >= 0.5) return "true";
  const step = (to - from + 1) / WINDOWS;
  const width = Math.max(1, Math.floor(step * share));
  return Array.from({ length: WINDOWS }, (_, index) => from + Math.floor(step * index))
    .map((start) => `place between ${start} and ${start + width - 1}`)
    .join(" or ");
}
