import { z } from "zod";
import type { Click } from "../db/click.ts";
import type { Context } from "../db/context.ts";
import { FINISHING, layerOf } from "./layers.ts";
import type { Figures, Published } from "./published.ts";
import type { Unfinished } from "./refresh-cursor.ts";
import type { Settled } from "./settle.ts";
import { SORTABLE_CHANGED } from "./settle.sql.ts";

export type FiguresInput = {
  readonly name: string;
  readonly state: Unfinished;
  readonly settled: Settled;
  readonly seen: Published | undefined;
};

/** What the ledger says of this refresh. */
export async function figuresOf(ctx: Context, click: Click, input: FiguresInput): Promise<Figures> {
  const { state, settled, seen } = input;
  const { begun } = state;
  return {
    mode: begun.mode,
    accounts: settled.accounts,
    added: settled.added,
    changed: settled.changed,
    closed: settled.closed,
    rows: state.rows,
    setAside: await setAsideCounts(click, input),
    versions: begun.versions,
    consistent: begun.versions.length === 1,
    newest: (await newestChange(click, input)) || (begun.since ?? ""),
    settings: begun.settings,
    fullAt: begun.mode === "full" ? begun.startedAt : (seen?.figures.fullAt ?? begun.startedAt),
    seconds: (ctx.clock.now().getTime() - new Date(begun.startedAt).getTime()) / 1000,
  };
}

const CountRow = z.object({ reason: z.string(), count: z.number() });

async function setAsideCounts(
  click: Click,
  { name, state }: FiguresInput,
): Promise<Record<string, number>> {
  const counts = await click.query(
    CountRow,
    `select reason, count() as count from registry_set_aside
     where registry = {name:String} and layer between {from:UInt64} and {to:UInt64} group by reason order by reason`,
    { name, from: layerOf(state.refresh, 0), to: layerOf(state.refresh, FINISHING) },
  );
  return Object.fromEntries(counts.map(({ reason, count }) => [reason, count]));
}

/** Of the pages that the first version gave: a change that came later, also behind a page that was done, is asked for again. */
async function newestChange(click: Click, { name, state }: FiguresInput): Promise<string> {
  const [row] = await click.query(
    z.object({ newest: z.string() }),
    `select argMax(changed, ${SORTABLE_CHANGED}) as newest from accounts
     where registry = {name:String} and layer between {from:UInt64} and {to:UInt64} and changed != ''`,
    { name, from: layerOf(state.refresh, 1), to: layerOf(state.refresh, state.firstPages) },
  );
  return row?.newest ?? "";
}
