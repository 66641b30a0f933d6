// Which events match which rules. Two passes a group of events: one reading nominates, by signs; the exact conditions of the rules that were
// nominated then run over the nominated events alone.
import { z } from "zod";
import type { Click } from "../../db/click.ts";
import { chooseSigns, type ChosenSigns, ENOUGH, readsFor, type Sample } from "./choose-signs.ts";
import { asked, type CompiledRules, type RuleGroup } from "./compile-rules.ts";
import { type EventPart, eventParts } from "./event-parts.ts";
import { type Candidate, inStatements, ruleHits } from "./exact.sql.ts";
import { fieldReads } from "./field-reads.ts";
import { signHits } from "./nominate.sql.ts";
import type { DetectionRule } from "../sigma/rule.ts";
import type { EventScope } from "./scope-sql.ts";
import { dropAbandoned, Scratch } from "../../db/scratch.ts";

/** One event that one rule matched. */
export type Match = {
  /** The rule's id. */
  readonly rule: string;
  readonly source: string;
  readonly place: number;
  /** ISO 8601, UTC, with microseconds. */
  readonly time: string;
  /** Who and where, by OCSF attribute: those that the event told. */
  readonly entities: readonly { readonly name: string; readonly value: string }[];
};

/**
 * Every match, in no order, in batches of at most 10,000; the memory for it does not grow with the events. What the first pass keeps stands
 * in a table of its own, which goes when the iteration ends, and a day later where we crash.
 */
export async function* findMatches(
  click: Click,
  compiled: CompiledRules,
  scope: EventScope = {},
): AsyncGenerator<Match[]> {
  await dropAbandoned(click);
  for await (const part of eventParts(click, scope)) {
    for (const group of compiled.groupsOf(part.format, part)) yield* matchPart(click, group, part);
  }
}

/** Who acted, whom it was done to, from where, on which machine. */
const ENTITIES = [
  { name: "actor.user.name", column: "actor_user_name" },
  { name: "user.name", column: "user_name" },
  { name: "src_endpoint.ip", column: "src_endpoint_ip" },
  { name: "device.hostname", column: "device_hostname" },
] as const;

const CARRIED = ["source", "place", "time", ...ENTITIES.map(({ column }) => column)];

async function* matchPart(
  click: Click,
  group: RuleGroup,
  part: EventPart,
): AsyncGenerator<Match[]> {
  group.signs ??= await chooseSigns(click, group, await sampleOf(click, group, part));
  const halves = (await holdsSuspects(click, group, part)) ? [false, true] : [false];
  for (const suspect of halves) {
    // Where there is but one half, it is all: to look at each record again for what is nowhere took as long as all the rest.
    const half = halves.length === 1 ? "" : `and ${suspect ? "" : "not "}${group.reads.suspect}`;
    yield* matchHalf(click, {
      group,
      chosen: group.signs,
      suspect,
      from: `events where ${part.where} ${half}`,
      small: part.events <= IN_MEMORY,
    });
  }
}

/** Up to so many events stay in memory between the passes: a live batch then writes no file. */
const IN_MEMORY = 50_000;

/** Events in which a field may stand in an array, or the others: what is made without arrays is a fifth as long, and three times as quick. */
type Half = {
  readonly group: RuleGroup;
  readonly chosen: ChosenSigns;
  readonly suspect: boolean;
  /** A table and conditions. */
  readonly from: string;
  readonly small: boolean;
};

async function* matchHalf(click: Click, half: Half): AsyncGenerator<Match[]> {
  const { group, chosen, suspect, small } = half;
  await using scratch = new Scratch(click);
  const everyEvent = chosen.every.map((id) => ({ id }));
  // The first statement of what is run on every event rides along with the first pass.
  const [riding = [], ...others] = inStatements(group, everyEvent, suspect);
  if (chosen.signs.length === 0) others.unshift(riding);
  else {
    const table = await scratch.table(await firstPass(scratch, half, riding), { small });
    if (riding.length > 0) yield* streamed(click, group, matchedSql(table));
    const nominated = await nominatedRules(click, chosen, table);
    const from = `${table} where notEmpty(seen)`;
    for (const rules of inStatements(group, nominated, suspect))
      yield* streamed(click, group, await exactPass(scratch, { ...half, from }, rules));
  }
  for (const rules of others)
    if (rules.length > 0) yield* streamed(click, group, await exactPass(scratch, half, rules));
}

async function nominatedRules(
  click: Click,
  { ofRule }: ChosenSigns,
  table: string,
): Promise<readonly Candidate[]> {
  const seen = await click.query(
    z.object({ sign: z.number() }),
    `select distinct arrayJoin(seen) as sign from ${table}`,
  );
  const signs = new Set(seen.map(({ sign }) => sign));
  return ofRule.flatMap((own, id) =>
    own.some((sign) => signs.has(sign)) ? [{ id, signs: own }] : [],
  );
}

async function holdsSuspects(
  click: Click,
  { reads }: RuleGroup,
  part: EventPart,
): Promise<boolean> {
  if (reads.suspect === "false") return false;
  const [found] = await click.query(
    z.object({ place: z.number() }),
    `select place from events where ${part.where} and ${reads.suspect} limit 1`,
  );
  return found !== undefined;
}

// Blocks of 65,409 events of 1.7 kB, each several times in memory, reach the ceiling; a stream's own of 1,024 cost more than what is done with them.
// By default ClickHouse runs on one core where there is less than 1 GiB to a core: these need 150 MB each.
const BLOCKS =
  "settings max_block_size = 8192, optimize_move_to_prewhere = 0, max_threads_min_free_memory_per_thread = 150000000";

async function* streamed(click: Click, group: RuleGroup, sql: string): AsyncGenerator<Match[]> {
  for await (const rows of click.stream(
    Row,
    `select id, source, place, time, who from (${sql}) ${BLOCKS}`,
  ))
    yield rows.map((row) => matchOf(row, group.rules));
}

const Row = z.object({
  id: z.number(),
  source: z.string(),
  place: z.number(),
  time: z.string(),
  who: z.array(z.string()),
});

function matchOf(
  { id, source, place, time, who }: z.output<typeof Row>,
  rules: readonly DetectionRule[],
): Match {
  return {
    rule: rules[id - 1]?.id ?? "",
    source,
    place,
    time,
    entities: ENTITIES.flatMap(({ name }, index) => {
      const value = who[index] ?? "";
      return value === "" ? [] : [{ name, value }];
    }),
  };
}

/** SQL of a table: what is nominated (`seen`), and which of the rules that ride along hold (`matched`). */
async function firstPass(
  scratch: Scratch,
  { group, chosen, suspect, from }: Half,
  riding: readonly Candidate[],
): Promise<string> {
  const rules = rulesOf(group, riding);
  const reads = readsFor(group, { signs: chosen.signs, rules }, suspect);
  const kept = [...new Set([...CARRIED, ...group.reads.columns])];
  const needed = [...new Set([...kept, ...reads.columns])];
  const read = await scratch.view(reads.from(`(select ${needed.join(", ")} from ${from})`, kept));
  const signs = signHits(chosen.signs, reads);
  const exact = ruleHits(group, riding, reads);
  // Of an event that is not nominated nothing is read again.
  const stored = kept.map((column) =>
    column === "raw" ? `if(${signs.any}, raw, '') as raw` : column,
  );
  return `select ${stored.join(", ")}, ${signs.ids} as seen, ${exact.ids} as matched
    from (select ${[...kept, ...signs.columns, ...exact.columns].join(", ")} from ${read} where ${signs.any} or ${exact.any}) ${BLOCKS}`;
}

const WHO = `[${ENTITIES.map(({ column }) => `toString(${column})`).join(", ")}] as who`;

/** SQL of matches of the first pass. */
function matchedSql(table: string): string {
  return `select arrayJoin(matched) as id, toString(source) as source, place, time, ${WHO} from ${table} where notEmpty(matched)`;
}

/** SQL of matches of some rules, by their conditions. */
async function exactPass(
  scratch: Scratch,
  { group, suspect, from }: Half,
  some: readonly Candidate[],
): Promise<string> {
  const reads = fieldReads(group.format, asked(group.taxonomy, rulesOf(group, some)), suspect);
  const carried = some.some(({ signs }) => signs !== undefined) ? [...CARRIED, "seen"] : CARRIED;
  const columns = [...new Set([...carried, ...reads.columns])];
  const read = await scratch.view(
    reads.from(`(select ${columns.join(", ")} from ${from})`, carried),
  );
  const exact = ruleHits(group, some, reads);
  return `select arrayJoin(${exact.ids}) as id, toString(source) as source, place, time, ${WHO}
    from (select ${[...CARRIED, ...exact.columns].join(", ")} from ${read} where ${exact.any})`;
}

function rulesOf({ rules }: RuleGroup, some: readonly Candidate[]): readonly DetectionRule[] {
  return some.flatMap(({ id }) => rules[id] ?? []);
}

/** Of a part that is worth it. */
const SAMPLED = 16_000;

async function sampleOf(
  click: Click,
  { reads }: RuleGroup,
  part: EventPart,
): Promise<Sample | undefined> {
  if (part.events < ENOUGH) return undefined;
  const columns = [...new Set(["place", ...reads.columns])].join(", ");
  const windows = part.windows(SAMPLED);
  const source = `(select ${columns} from events where ${part.where} and (${windows}) limit ${SAMPLED})`;
  const [counted] = await click.query(
    z.object({ events: z.number() }),
    `select toUInt32(count()) as events from ${source}`,
  );
  return { source, events: counted?.events ?? 0 };
}
