// Matches of detection rules become findings: one a rule, a source and an entity, whatever the number of its events.
import { sha256Hex } from "../core/digest.ts";
import type { Match } from "./compile/find-matches.ts";
import type { EventPlace, Finding } from "./finding.ts";
import type { Rule } from "./sigma/rule.ts";

/** Findings held open at once; when there are more, all are given out and begun again. */
const MOST_OPEN = 50_000;
/** Events that a finding lists. */
export const MOST_EVENTS = 100;

type Open = {
  readonly rule: Rule;
  readonly entities: Finding["entities"];
  readonly events: EventPlace[];
  first: string;
  last: string;
  count: number;
};

export type Folding = {
  /** Takes matches in any order. @returns findings that had to make room: the same hit may then be two findings */
  add(matches: readonly Match[]): Finding[];
  /** All that is left. */
  end(): Finding[];
};

/** `rules` by id. Matches of a rule that is not there are left out. */
export function foldMatches(rules: ReadonlyMap<string, Rule>): Folding {
  const open = new Map<string, Open>();
  const end = (): Finding[] => {
    const findings = [...open.values()].map(closed);
    open.clear();
    return findings;
  };
  const add = (matches: readonly Match[]): Finding[] => {
    for (const match of matches) {
      const rule = rules.get(match.rule);
      if (rule === undefined) continue;
      const key = JSON.stringify([match.rule, match.source, match.entities]);
      const held = open.get(key);
      if (held === undefined) open.set(key, begun(rule, match));
      else grow(held, match);
    }
    return open.size > MOST_OPEN ? end() : [];
  };
  return { add, end };
}

function begun(rule: Rule, match: Match): Open {
  return {
    rule,
    entities: match.entities,
    events: [placeOf(match)],
    first: match.time,
    last: match.time,
    count: 1,
  };
}

// ISO 8601 in UTC with as many digits: earlier is less.
function grow(held: Open, match: Match): void {
  held.count += 1;
  if (match.time < held.first) held.first = match.time;
  if (match.time > held.last) held.last = match.time;
  held.events.push(placeOf(match));
  if (held.events.length >= 2 * MOST_EVENTS) keepEarliest(held.events);
}

function keepEarliest(events: EventPlace[]): void {
  events.sort(byTime);
  events.length = Math.min(events.length, MOST_EVENTS);
}

function closed({ rule, ...held }: Open): Finding {
  keepEarliest(held.events);
  return findingOf(rule, { ...held, value: undefined });
}

function placeOf({ source, place, time }: Match): EventPlace {
  return { source, place, time };
}

function byTime(a: EventPlace, b: EventPlace): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  if (a.source !== b.source) return a.source < b.source ? -1 : 1;
  return a.place - b.place;
}

/** `of.events` are in the order of time; the first one is part of the finding's name. */
export function findingOf(rule: Rule, of: Omit<Finding, "uid" | "rule">): Finding {
  const [event] = of.events;
  const name = [
    rule.id,
    of.entities.map(({ name: of_, value }) => [of_, value]),
    event?.source,
    event?.place,
    of.first,
  ];
  return {
    uid: sha256Hex(JSON.stringify(name)).slice(0, 32),
    rule: {
      id: rule.id,
      title: rule.title,
      level: rule.level,
      tags: rule.tags,
      file: rule.at.file,
    },
    ...of,
  };
}
