import { z } from "zod";
import type { Click } from "../db/click.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { published } from "./published.ts";

const LastRow = z.object({ refresh: z.coerce.number() });

/**
 * Brings refreshes that readers see into Postgres and the ledger. If we crash between the publication in ClickHouse and this,
 * the next refresh does it first.
 */
export async function recordPublished(ctx: Context, click: Click, registry: string): Promise<void> {
  const [last] = await ctx.db.read`
    select coalesce(max(refresh), 0) as refresh from registry_refreshes where registry = ${registry}`;
  const { refresh: known } = LastRow.parse(last);
  const missing = (await published(click, registry, 1000))
    .filter(({ refresh }) => refresh > known)
    .toReversed();
  for (const { refresh, at, figures } of missing) {
    await write(ctx, "registry:write", async (tx) => {
      await tx`
        insert into registry_refreshes (registry, refresh, published_at, mode, figures)
        values (${registry}, ${refresh}, ${at}, ${figures.mode}, ${tx.json(figures)})`;
      return {
        result: undefined,
        entry: { kind: "registry.refreshed", body: { registry, refresh, ...figures } },
      };
    });
  }
}
