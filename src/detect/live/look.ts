import type { Context } from "../../db/context.ts";
import { findMatches, type Match } from "../compile/find-matches.ts";
import { boundedFindings } from "../findings/bounded-findings.ts";
import type { Stored } from "../findings/store-findings.ts";
import { foldMatches } from "../fold-matches.ts";
import { correlateLive } from "./correlate-live.ts";
import type { Matched } from "./live-matches.ts";
import type { LiveRules } from "./read-live-rules.ts";
import { countTooLate, endRound, nextRound } from "./round.ts";

export type LookInput = {
  readonly rules: LiveRules;
  readonly allowanceMs: number;
  /** For tests: a crash at this place. */
  readonly fault?: (at: "begun" | "matched" | "correlated" | "written") => void;
};

/** Looks at what has arrived since the last look, and at nothing twice. Undefined where nothing has. */
export async function look(ctx: Context, input: LookInput): Promise<Stored | undefined> {
  const { rules, allowanceMs, fault } = input;
  const round = await nextRound(ctx, allowanceMs);
  if (round === undefined) return undefined;
  fault?.("begun");
  const click = await ctx.click();
  const { after, upTo, batches } = round;
  const sources = [...new Set(batches.map(({ stream }) => stream))];
  const found = boundedFindings();
  const folding = foldMatches(rules.alone);
  const matched = matchedPlaces();
  const scope = { sources, batches: { after, upTo } };
  for await (const matches of findMatches(click, rules.every, scope)) {
    for (const match of matches) matched.add(match);
    found.add(folding.add(matches));
  }
  found.add(folding.end());
  fault?.("matched");
  for await (const hits of correlateLive(click, { rules, round, matched: matched.all }))
    found.add(hits);
  fault?.("correlated");
  const tooLate = await countTooLate(click, round);
  const stored = await endRound(ctx, { round, findings: found.all(), tooLate });
  fault?.("written");
  return stored;
}

/** Of one rule; where there are more, its condition is asked of all events again. */
const MOST_PLACES = 2_000;

function matchedPlaces(): { add(match: Match): void; readonly all: Matched } {
  const all = new Map<string, Pick<Match, "source" | "place">[] | undefined>();
  return {
    all,
    add: ({ rule, source, place }) => {
      const places = all.has(rule) ? all.get(rule) : [];
      places?.push({ source, place });
      all.set(rule, places && places.length <= MOST_PLACES ? places : undefined);
    },
  };
}
