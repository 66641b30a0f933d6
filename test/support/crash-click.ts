import type { Click } from "../../src/db/click.ts";
import type { Context } from "../../src/db/context.ts";

export class Crash extends Error {}

export type CrashingContext = { readonly ctx: Context; readonly statements: string[] };

/**
 * As if the process died behind its n-th statement that changes something in ClickHouse, which nobody was told of any more: nothing that it
 * asks later happens, the tidying up included.
 */
export function crashingAt(ctx: Context, at: number): CrashingContext {
  const statements: string[] = [];
  const over = (): boolean => statements.length >= at;
  const change = async (statement: string, work: () => Promise<void>): Promise<void> => {
    if (over()) throw new Crash();
    statements.push(statement);
    await work();
    if (over()) throw new Crash();
  };
  const ask = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (over()) throw new Crash();
    return await work();
  };
  const crashing = (click: Click): Click => ({
    query: async (row, sql, params) => await ask(async () => await click.query(row, sql, params)),
    async *stream(row, sql, params) {
      if (over()) throw new Crash();
      yield* click.stream(row, sql, params);
    },
    command: async (sql, params) => await change(sql, async () => await click.command(sql, params)),
    load: async (input) => await change(input.into, async () => await click.load(input)),
    unload: async (input) => await ask(async () => await click.unload(input)),
    close: async () => {},
  });
  return { ctx: { ...ctx, click: async () => crashing(await ctx.click()) }, statements };
}
