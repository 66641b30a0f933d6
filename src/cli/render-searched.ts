// Where was looked, and how far that goes: the same under an account and under a search for activity.
import { limitsOf, minute, type Reach } from "../accounts/activity.ts";
import type { Searched } from "../accounts/searched.ts";
import { printable } from "./list-findings.ts";
import { number, table, type Terminal } from "./terminal.ts";

const MOST_SOURCES = 20;
const MOST_GAPS = 3;

/** `own`: a source → events in it that were seen. */
export function renderSearched(
  reach: Reach,
  own: Readonly<Record<string, number>>,
  terminal: Terminal,
): string {
  const { searched, of } = reach;
  const says = of === "resources" ? "say on what" : "say whose";
  const head = ["Where was looked", "events", says, "seen", "hours", "without a record"].map(
    (name) => terminal.dim(name),
  );
  const rows = searched.sources
    .slice(0, MOST_SOURCES)
    .map((one) => [
      `  ${printable(one.source)}`,
      number(one.events),
      number(one.named),
      number(own[one.source] ?? 0),
      `${number(one.covered)} of ${number(one.hours)}`,
      terminal.dim(gapsOf(one)),
    ]);
  const more = searched.sourceCount - rows.length;
  const limits = limitsOf(reach).map((limit) => terminal.yellow(`  !  ${printable(limit)}`));
  return [
    ...(rows.length === 0 ? [] : [table([head, ...rows], [1, 2, 3, 4])]),
    ...(more > 0 ? [terminal.dim(`  and ${number(more)} more sources`)] : []),
    ...limits,
  ].join("\n");
}

function gapsOf({ gaps, gapCount }: Pick<Searched, "gaps" | "gapCount">): string {
  const longest = gaps.toSorted((a, b) => b.hours - a.hours).slice(0, MOST_GAPS);
  const said = longest.map(
    ({ from, hours }) => `${minute(from).slice(0, -4)} for ${number(hours)} h`,
  );
  const more = gapCount - said.length;
  return [...said, ...(more > 0 ? [`${number(more)} more`] : [])].join(", ");
}
