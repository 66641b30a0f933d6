// A plan's draft while it is made: what is done of it stays done when the process dies, and is never done twice. Not what a plan holds.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Click, Params } from "../../db/click.ts";
import type { Context } from "../../db/context.ts";
import { untilQuiet } from "../../db/until-quiet.ts";

const FILLED = ["plan_targets", "plan_exposures", "plan_outcomes"] as const;
// What a draft has done goes first, so that nobody goes on with the rest.
const TABLES = ["plan_progress", ...FILLED] as const;

export type DraftPart<Answer = void> = {
  /** `step 3`. The same inputs give the same parts in the same order. */
  readonly name: string;
  /** Which rows of the draft are this part's: they go where a crash left some of them. */
  readonly writes?: {
    readonly table: (typeof FILLED)[number];
    readonly where: string;
    readonly params?: Params;
  };
  readonly work: () => Promise<Answer>;
};

export type Draft = {
  readonly id: string;
  /** Does `work`, unless this draft has the part already. One part after the other. @throws DraftBroken */
  part(part: DraftPart): Promise<void>;
  /** As `part`, and gives what `work` answered, now or then. */
  answer<Answer extends z.ZodType>(
    shape: Answer,
    part: DraftPart<z.input<Answer>>,
  ): Promise<z.output<Answer>>;
  /** @throws DraftBroken where other rows are in it than its parts wrote */
  check(): Promise<void>;
};

/** The draft does not hold what its parts wrote (a store was restored, a machine lost its power): it must be made anew. */
export class DraftBroken extends Error {
  override readonly name = "DraftBroken";
}

/**
 * The draft that a crash left of exactly these inputs, or a new one. Every other draft without a plan is dropped: call it under the
 * lock of planning.
 */
export async function openDraft(ctx: Context, inputs: string): Promise<Draft> {
  const click = await ctx.click();
  const planned = await plannedDrafts(ctx);
  const begun = await begunDraft(click, inputs, planned);
  await dropLeftovers(click, { planned, begun });
  if (begun !== undefined) await untilQuiet(ctx, begun);
  const id = begun ?? randomUUID();
  return draftOf(click, { id, inputs, done: await doneParts(click, id) });
}

const Done = z.object({ part: z.string(), rows: z.array(z.number()), result: z.string() });
type Done = z.output<typeof Done>;
type Opened = { readonly id: string; readonly inputs: string; readonly done: readonly Done[] };

function draftOf(click: Click, { id, inputs, done }: Opened): Draft {
  const parts = new Map(done.map((one) => [one.part, one.result]));
  let rows = done.at(-1)?.rows ?? FILLED.map(() => 0);
  const isWhole = async (): Promise<boolean> => same(await rowsIn(click, id), rows);
  const check = async (): Promise<void> => {
    if (!(await isWhole())) throw new DraftBroken(`the draft ${id} is not as it was left`);
  };
  const answerOf = async ({ name, writes, work }: DraftPart<unknown>): Promise<string> => {
    const before = parts.get(name);
    if (before !== undefined) return before;
    if (writes && !(await isWhole())) await remove(click, id, writes);
    await check();
    const answer = JSON.stringify((await work()) ?? null);
    rows = await rowsIn(click, id);
    await click.command(
      `insert into plan_progress (draft, inputs, number, part, rows, result)
       select {id:UUID}, {inputs:String}, {number:UInt32}, {name:String}, {rows:Array(UInt64)}, {answer:String}`,
      { id, inputs, number: parts.size, name, rows, answer },
    );
    parts.set(name, answer);
    return answer;
  };
  return {
    id,
    check,
    part: async (part) => void (await answerOf(part)),
    answer: async (shape, part) => shape.parse(JSON.parse(await answerOf(part))),
  };
}

/** A draft that has become a plan goes on no more. */
export async function endDraft(ctx: Context, draft: string): Promise<void> {
  const click = await ctx.click();
  await click.command("alter table plan_progress drop partition {draft:UUID}", { draft });
}

export async function dropDraft(ctx: Context, draft: string): Promise<void> {
  await dropFrom(await ctx.click(), TABLES, draft);
}

async function dropFrom(click: Click, tables: readonly string[], draft: string): Promise<void> {
  for (const table of tables)
    await click.command(`alter table ${table} drop partition {draft:UUID}`, { draft });
}

type Writes = NonNullable<DraftPart["writes"]>;

async function remove(click: Click, id: string, { table, where, params }: Writes): Promise<void> {
  await click.command(
    `alter table ${table} delete in partition {draft:UUID} where ${where} settings mutations_sync = 1`,
    { ...params, draft: id },
  );
}

// A partition is counted without reading it.
async function rowsIn(click: Click, id: string): Promise<number[]> {
  const counts = FILLED.map((table) => `(select count() from ${table} where draft = {id:UUID})`);
  const [row] = await click.query(
    Done.pick({ rows: true }),
    `select [${counts.join(", ")}] as rows`,
    {
      id,
    },
  );
  return row?.rows ?? [];
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((count, at) => count === b[at]);
}

async function doneParts(click: Click, id: string): Promise<Done[]> {
  return await click.query(
    Done,
    "select part, rows, result from plan_progress where draft = {id:UUID} order by number",
    { id },
  );
}

async function plannedDrafts(ctx: Context): Promise<Set<string>> {
  const rows = await ctx.db.read<{ draft: string }[]>`select draft from plans`;
  return new Set(rows.map((row) => row.draft));
}

const Id = z.object({ draft: z.string() });

async function begunDraft(
  click: Click,
  inputs: string,
  planned: ReadonlySet<string>,
): Promise<string | undefined> {
  const sql =
    "select distinct toString(draft) as draft from plan_progress where inputs = {inputs:String}";
  const begun = await click.query(Id, sql, { inputs });
  return begun.find(({ draft }) => !planned.has(draft))?.draft;
}

type Kept = { readonly planned: ReadonlySet<string>; readonly begun: string | undefined };

async function dropLeftovers(click: Click, { planned, begun }: Kept): Promise<void> {
  const drafts = await click.query(
    Id.extend({ table: z.enum(TABLES) }),
    `select distinct partition as draft, table from system.parts
     where active and database = currentDatabase() and table in {tables:Array(String)}`,
    { tables: TABLES },
  );
  for (const { draft, table } of drafts) {
    const isKept = planned.has(draft) ? table !== "plan_progress" : draft === begun;
    if (!isKept) await dropFrom(click, [table], draft);
  }
}
