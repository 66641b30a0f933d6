// Findings into Postgres, within the transaction of whoever found them. Repeats fold into the one that is open; what is suppressed is counted.
import { z } from "zod";
import type { Json } from "../../core/canonical.ts";
import { sha256Hex } from "../../core/digest.ts";
import type { Context } from "../../db/context.ts";
import type { Tx } from "../../db/postgres.ts";
import type { Finding } from "../finding.ts";
import { MOST_EVENTS } from "../fold-matches.ts";
import { joinFindings } from "./join-findings.ts";

/**
 * `fresh`: of a correlation's hit, which spans events that were looked at before: how many of its events were not. They are what is added
 * where the hit goes on from the one that is kept.
 */
export type Found = Finding & { readonly fresh?: number };

export type StoreInput = {
  readonly findings: readonly Found[];
  /** Where they were found in a log that is evidence. It was read whole: what is found again takes the place of what was. */
  readonly evidence?: { readonly incident: string; readonly key: string };
  /** Where they were found in another log that was read whole: as there. */
  readonly source?: string;
};

type Of = Pick<StoreInput, "evidence" | "source">;

/** uids, of those that are new and of those that grew; and how many findings a suppression kept from being shown. */
export type Stored = {
  readonly opened: readonly string[];
  readonly grown: readonly string[];
  readonly suppressed: number;
};

export async function storeFindings(tx: Tx, ctx: Context, input: StoreInput): Promise<Stored> {
  const { evidence, source } = input;
  const unsuppressed: Folded[] = [];
  const { suppressions, count } = await suppressionsOf(tx, ctx);
  for (const finding of input.findings) {
    const id = suppressions.find((suppression) => covers(suppression, finding))?.id;
    if (id === undefined) unsuppressed.push({ fold: foldOf(finding, input), finding });
    else count(id, finding);
  }
  const suppressed = await count.write();
  const kept = await lastOf(tx, unsuppressed);
  const shown = foldRepeats(
    unsuppressed.map(({ fold, finding }) => ({
      fold,
      finding: { ...finding, count: added(finding, kept.get(fold)) },
    })),
  );
  const rows: Json[] = shown.map(({ fold, finding }) => ({
    uid: finding.uid,
    rule: finding.rule.id,
    title: finding.rule.title,
    level: finding.rule.level,
    tags: finding.rule.tags,
    file: finding.rule.file,
    entities: finding.entities,
    fold,
    first: finding.first,
    last: finding.last,
    count: finding.count,
    value: finding.value ?? null,
    events: finding.events,
    incident: evidence?.incident ?? null,
    evidence: evidence?.key ?? null,
  }));
  const opened: string[] = [];
  const grown: string[] = [];
  for (let from = 0; from < rows.length; from += ROWS) {
    const some = rows.slice(from, from + ROWS);
    for (const row of await upsert(tx, {
      rows: some,
      now: ctx.clock.now(),
      replace: evidence !== undefined || source !== undefined,
    }))
      (row.fresh ? opened : grown).push(row.uid);
  }
  return { opened, grown, suppressed };
}

const ROWS = 1_000;

/** When the last event was of those that are open and of which a hit may go on. */
async function lastOf(tx: Tx, shown: readonly Folded[]): Promise<ReadonlyMap<string, string>> {
  const folds = shown.flatMap(({ fold, finding }) => (finding.fresh === undefined ? [] : [fold]));
  if (folds.length === 0) return new Map();
  const rows = await tx<{ fold: string; last: string }[]>`
    select fold, to_char(last at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as last
    from findings where state = 'open' and fold = any(${folds}) for update`;
  return new Map(rows.map(({ fold, last }) => [fold, last]));
}

function added({ count, fresh, first }: Found, last: string | undefined): number {
  return fresh === undefined || last === undefined || first > last ? count : fresh;
}

type Folded = { readonly fold: string; readonly finding: Found };

/** What repeats is the same rule with the same entities; of a log that was read whole, in the same one. */
export function foldOf({ rule, entities }: Finding, { evidence, source }: Of): string {
  const named = entities.map(({ name, value }) => JSON.stringify([name, value])).toSorted();
  const of = [evidence?.incident ?? "", evidence?.key ?? "", ...(source ? [source] : [])];
  return sha256Hex(JSON.stringify([rule.id, named.join("\n"), ...of]));
}

// One statement can touch a row once: two streams may have found the same, and a group may have been over the limit twice.
function foldRepeats(found: readonly Folded[]): Folded[] {
  const folded = new Map<string, Finding>();
  for (const { fold, finding } of found) {
    const known = folded.get(fold);
    folded.set(fold, known === undefined ? finding : joinFindings(known, finding));
  }
  return [...folded].map(([fold, finding]) => ({ fold, finding }));
}

const Upserted = z.object({ uid: z.string(), fresh: z.boolean() });

type Upsert = { readonly rows: readonly Json[]; readonly now: Date; readonly replace: boolean };

// The uid of a closed one may come again, as a correlation's hit that goes on: then it is a finding of its own.
async function upsert(
  tx: Tx,
  { rows, now, replace }: Upsert,
): Promise<z.output<typeof Upserted>[]> {
  const add = tx`count = findings.count + excluded.count, first = least(findings.first, excluded.first),
    last = greatest(findings.last, excluded.last), value = greatest(findings.value, excluded.value),
    events = (
      select jsonb_agg(event order by event->>'time', event->>'source', (event->>'place')::bigint)
      from (select distinct event from jsonb_array_elements(findings.events || excluded.events) as event
        order by event limit ${MOST_EVENTS}) as kept)`;
  const set = tx`count = excluded.count, first = excluded.first, last = excluded.last, value = excluded.value, events = excluded.events`;
  const upserted = await tx`
    insert into findings (uid, rule, title, level, tags, file, entities, fold, state, first, last, count, value, events, incident, evidence,
      found_at, changed_at)
    select case when exists (select from findings known where known.uid = f.uid) then substr(encode(sha256((f.uid || ${now.toISOString()})::bytea), 'hex'), 1, 32)
        else f.uid end,
      rule, title, level, tags, file, entities, fold, 'open', first, last, count, value, events, incident, evidence, ${now}, ${now}
    from jsonb_to_recordset(${tx.json(rows)}) as f(uid text, rule text, title text, level text, tags jsonb, file text, entities jsonb,
      fold text, first timestamptz, last timestamptz, count bigint, value double precision, events jsonb, incident text, evidence text)
    on conflict (fold) where state = 'open' do update set ${replace ? set : add}, changed_at = excluded.changed_at
    returning uid, xmax = 0 as fresh`;
  return upserted.map((row) => Upserted.parse(row));
}

const Suppression = z.object({
  id: z.string(),
  rule: z.string(),
  entities: z.record(z.string(), z.string()),
});
type Suppression = z.output<typeof Suppression>;

/** A rule is named by its id or its title; each given entity must be one of the finding's. */
export function covers(
  { rule, entities }: Omit<Suppression, "id">,
  finding: Pick<Finding, "rule" | "entities">,
): boolean {
  if (rule !== finding.rule.id && rule !== finding.rule.title) return false;
  return Object.entries(entities).every(([name, value]) =>
    finding.entities.some((entity) => entity.name === name && entity.value === value),
  );
}

async function suppressionsOf(tx: Tx, ctx: Context) {
  const now = ctx.clock.now();
  const rows = await tx`select id, rule, entities from finding_suppressions where until > ${now}`;
  const counted = new Map<string, { findings: number; events: number }>();
  const count = (id: string, finding: Found): void => {
    const before = counted.get(id) ?? { findings: 0, events: 0 };
    counted.set(id, {
      findings: before.findings + 1,
      events: before.events + (finding.fresh ?? finding.count),
    });
  };
  const write = async (): Promise<number> => {
    let all = 0;
    for (const [id, { findings, events }] of counted) {
      await tx`
        update finding_suppressions set findings = findings + ${findings}, events = events + ${events}, last_at = ${now} where id = ${id}`;
      all += findings;
    }
    return all;
  };
  return {
    suppressions: rows.map((row) => Suppression.parse(row)),
    count: Object.assign(count, { write }),
  };
}
