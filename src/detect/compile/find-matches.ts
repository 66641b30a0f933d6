// Which events match which rules. Two passes a group of events: one reading nominates, by signs; the exact conditions of the rules that were
// nominated then run over the nominated events alone.
import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { Click } from "../../db/click.ts";
import { chooseSigns, type ChosenSigns, ENOUGH, readsFor, type Sample } from "./choose-signs.ts";
import { asked, type CompiledRules, type RuleGroup } from "./compile-rules.ts";
import { conditionSql } from "./condition-sql.ts";
import { type EventPart, eventParts } from "./event-parts.ts";
import { fieldReads } from "./field-reads.ts";
import { signsSeenSql } from "./nominate.sql.ts";
import type { DetectionRule } from "../sigma/rule.ts";
import type { EventScope } from "./scope-sql.ts";

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
  await dropLeftovers(click);
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
  const chosen = group.signs;
  const halves = (await holdsSuspects(click, group, part)) ? [false, true] : [false];
  const passes = { group, chosen, part, halves };
  if (chosen.signs.length > 0) yield* matchNominated(click, passes);
  for (const suspect of halves)
    for (const sql of exactStatements({ ...passes, suspect, from: "events" }, chosen.always))
      yield* streamed(click, group, sql);
}

async function* matchNominated(click: Click, passes: Passes): AsyncGenerator<Match[]> {
  const { group, chosen, part, halves } = passes;
  const table = `matching_${Date.now()}_${randomBytes(6).toString("hex")}`;
  try {
    const engine = part.events <= IN_MEMORY ? "Memory" : "MergeTree order by tuple()";
    for (const suspect of halves) {
      const into = suspect ? `insert into ${table}` : `create table ${table} engine = ${engine} as`;
      await click.command(`${into} ${nominateSql({ ...passes, suspect })} ${BLOCKS}`);
    }
    const seen = await click.query(
      z.object({ suspect: z.boolean(), sign: z.number() }),
      `select suspect, arrayJoin(seen) as sign from ${table} group by suspect, sign`,
    );
    for (const suspect of halves) {
      const signs = new Set(seen.filter((one) => one.suspect === suspect).map(({ sign }) => sign));
      const nominated = [...group.rules.keys()].filter((id) =>
        chosen.ofRule[id]?.some((sign) => signs.has(sign)),
      );
      for (const sql of exactStatements({ ...passes, suspect, from: table }, nominated))
        yield* streamed(click, group, sql);
    }
  } finally {
    // Otherwise it stays in memory for eight minutes: 28 kB each, several a second where events are looked at live.
    await click.command(`drop table if exists ${table} sync`);
  }
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
const BLOCKS = "settings max_block_size = 8192, optimize_move_to_prewhere = 0";

async function* streamed(click: Click, group: RuleGroup, sql: string): AsyncGenerator<Match[]> {
  for await (const rows of click.stream(
    Row,
    `select id, source, place, time, who from (${sql}) ${BLOCKS}`,
  ))
    yield rows.map((row) => matchOf(row, group.rules));
}

/** Of a statement: to understand one takes 0.5 ms and 0.4 MB a kilobyte, so that fifty Windows rules in one took 750 MB. */
const MOST_CHARACTERS = 60_000;

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
    rule: rules[id]?.id ?? "",
    source,
    place,
    time,
    entities: ENTITIES.flatMap(({ name }, index) => {
      const value = who[index] ?? "";
      return value === "" ? [] : [{ name, value }];
    }),
  };
}

/** Up to so many events stay in memory between the passes: a live batch then writes no file. */
const IN_MEMORY = 50_000;

type Passes = {
  readonly group: RuleGroup;
  readonly chosen: ChosenSigns;
  readonly part: EventPart;
  /** Of `suspect`: are there events of either half? */
  readonly halves: readonly boolean[];
};
/** Events in which a field may stand in an array, or the others: what is made without arrays is a fifth as long, and three times as quick. */
type Half = Passes & { readonly suspect: boolean };

function nominateSql(half: Half): string {
  const { group, chosen, suspect } = half;
  const reads = readsFor(group, chosen.signs, suspect);
  const kept = [...new Set([...CARRIED, ...group.reads.columns])];
  const needed = [...new Set([...kept, ...reads.columns])];
  const source = `(select ${needed.join(", ")} from events where ${halfSql(half)})`;
  const seen = `${signsSeenSql(chosen.signs, reads)} as seen`;
  return `select ${kept.join(", ")}, seen, ${suspect} as suspect
    from (select ${[...kept, seen].join(", ")} from ${reads.from(source, kept)} where notEmpty(seen))`;
}

// Where there is but one half, it is all: to look at each record again for what is nowhere took as long as all the rest.
function halfSql({ group, part, halves, suspect }: Half): string {
  if (halves.length === 1) return part.where;
  return `${part.where} and ${suspect ? "" : "not "}(${group.reads.suspect})`;
}

/** `from`: the table of nominated events, or all of them. */
type Exact = Half & { readonly from: string };

function* exactStatements(nominated: Exact, ids: readonly number[]): Generator<string> {
  let statement = "";
  for (const id of ids) {
    const one = exactSql(nominated, id);
    if (statement !== "" && statement.length + one.length > MOST_CHARACTERS) {
      yield statement;
      statement = "";
    }
    statement += `${statement === "" ? "" : "\nunion all\n"}${one}`;
  }
  if (statement !== "") yield statement;
}

function exactSql(exact: Exact, id: number): string {
  const { group, chosen, suspect, from } = exact;
  const rule = group.rules[id];
  if (rule === undefined) throw new RangeError(`there is no rule ${id}`);
  const reads = fieldReads(group.format, asked(group.taxonomy, [rule]), suspect);
  const columns = [...new Set([...CARRIED, ...reads.columns])];
  const signs = (chosen.ofRule[id] ?? []).map((sign) => `toUInt32(${sign})`).join(", ");
  const which =
    from === "events" ? halfSql(exact) : `suspect = ${suspect} and hasAny(seen, [${signs}])`;
  const source = `(select ${columns.join(", ")} from ${from} where ${which})`;
  const who = ENTITIES.map(({ column }) => `toString(${column})`).join(", ");
  return `select toUInt32(${id}) as id, toString(source) as source, place, time, [${who}] as who
    from ${reads.from(source, CARRIED)} where ${conditionSql(rule.condition, reads)}`;
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

// Its name tells when it was made.
async function dropLeftovers(click: Click): Promise<void> {
  const before = Date.now() - 24 * 3_600_000;
  const tables = await click.query(
    z.object({ name: z.string() }),
    `select name from system.tables where database = currentDatabase() and match(name, '^matching_[0-9]+_[0-9a-f]+$')
     and toUInt64OrZero(extract(name, '_([0-9]+)_')) < ${before}`,
  );
  for (const { name } of tables) await click.command(`drop table if exists ${name}`);
}
