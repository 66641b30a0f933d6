// Correlations through all that Tocsin itself does with them.
import { type CorrelationHit } from "../../../src/detect/correlate/correlate.ts";
import { relationsIn, runCorrelations } from "../../../src/detect/correlate/run-correlations.ts";
import type { Rule } from "../../../src/detect/sigma/rule.ts";
import type { Click } from "../../../src/db/click.ts";
import { isoTime } from "./correlation-case.ts";
import type { Hit, TimedEvent } from "./correlate.ts";
import { isObject, type Json } from "./event.ts";
import { CONFORMANCE, leave, takeIn } from "./real-path.ts";

/** Histories are put this far apart, so that no window sees two of them: many are one reading. */
const APART = 30 * 86_400_000_000;

export type RealHit = Hit & { readonly count: number };

/** What each correlation, by its id, finds in each of the histories. */
export async function hitsIn(
  click: Click,
  rules: readonly Rule[],
  asked: {
    readonly ids: readonly string[];
    readonly source: string;
    readonly histories: readonly (readonly TimedEvent[])[];
  },
): Promise<ReadonlyMap<string, readonly (readonly RealHit[])[]>> {
  const { ids, source, histories } = asked;
  await takeIn(
    click,
    source,
    histories.flatMap((history, index) => history.map((event) => moved(event, index * APART))),
  );
  const found = new Map(ids.map((id) => [id, histories.map((): RealHit[] => [])]));
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const correlations = rules.filter((rule) => rule.kind === "correlation");
  const input = {
    byId,
    correlations: correlations.filter(({ id }) => ids.includes(id)),
    relation: relationsIn({ sources: [source], formats: [CONFORMANCE] }),
  };
  try {
    for await (const hits of runCorrelations(click, input)) {
      for (const hit of hits) {
        const index = Math.round((microseconds(hit.first) - FIRST) / APART);
        const before = histories.slice(0, index).reduce((sum, { length }) => sum + length, 0);
        found.get(hit.rule)?.[index]?.push(hitOf(hit, { time: index * APART, place: before }));
      }
    }
  } finally {
    await leave(click, source);
  }
  return found;
}

const FIRST = Date.UTC(2026, 2, 1, 12) * 1000;

function moved({ at, event }: TimedEvent, by: number): Json {
  return isObject(event) ? { ...event, time: isoTime(at + by) } : event;
}

type By = { readonly time: number; readonly place: number };

function hitOf({ group, first, last, count, events }: CorrelationHit, by: By): RealHit {
  return {
    group: group.map(({ value }) => value),
    first: microseconds(first) - by.time,
    last: microseconds(last) - by.time,
    count,
    places: events.map(({ place }) => place - by.place).toSorted((a, b) => a - b),
  };
}

function microseconds(iso: string): number {
  return Date.parse(`${iso.slice(0, 23)}Z`) * 1000 + Number(iso.slice(23, 26));
}
