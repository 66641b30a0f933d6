import { z } from "zod";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { published, type Figures } from "./published.ts";
import { unfinished } from "./refresh-cursor.ts";

export type RegistryStatus = {
  readonly registry: string;
  /** Accounts that readers see; 0 where no refresh was ever whole. */
  readonly accounts: number;
  readonly people: number;
  /** Accounts with nobody to write to. */
  readonly unreachable: number;
  readonly doNotContact: number;
  readonly closed: number;
  /** What is set aside or marked now, by reason. */
  readonly setAside: Readonly<Record<string, number>>;
  readonly last: (Figures & { readonly refresh: number; readonly at: string }) | undefined;
  /** Rows that an interrupted refresh has read; the next one goes on behind them. */
  readonly unfinishedRows: number | undefined;
};

const CountRow = z.object({
  accounts: z.number(),
  people: z.number(),
  unreachable: z.number(),
  doNotContact: z.number(),
});
const ReasonRow = z.object({ reason: z.string(), count: z.number() });

/** Every registry of tocsin.yaml, in its order. */
export async function registryStatus(ctx: Context): Promise<RegistryStatus[]> {
  requireScope(ctx.actor, "registry:read");
  const all: RegistryStatus[] = [];
  for (const registry of Object.keys(ctx.organisation.registry))
    all.push(await statusOf(ctx, registry));
  return all;
}

async function statusOf(ctx: Context, registry: string): Promise<RegistryStatus> {
  const click = await ctx.click();
  const [last] = await published(click, registry);
  const left = await unfinished(click, registry, last?.refresh ?? 0);
  const [counts] = await click.query(
    CountRow,
    `select count() as accounts, uniqCombined(20)(subject) as people, countIf(contact_address = '') as unreachable,
       countIf(do_not_contact != '') as doNotContact
     from current_accounts where registry = {registry:String}`,
    { registry },
  );
  const [closed] = await click.query(
    z.object({ count: z.number() }),
    "select count() as count from closed_accounts where registry = {registry:String}",
    { registry },
  );
  const reasons = await click.query(
    ReasonRow,
    "select reason, count() as count from current_set_aside where registry = {registry:String} group by reason order by reason",
    { registry },
  );
  return {
    registry,
    ...(counts ?? { accounts: 0, people: 0, unreachable: 0, doNotContact: 0 }),
    closed: closed?.count ?? 0,
    setAside: Object.fromEntries(reasons.map(({ reason, count }) => [reason, count])),
    last: last ? { ...last.figures, refresh: last.refresh, at: last.at } : undefined,
    unfinishedRows: left && left.pages > 0 ? left.rows : undefined,
  };
}
