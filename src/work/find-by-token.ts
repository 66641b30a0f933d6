import { z } from "zod";
import { sha256Hex } from "../core/digest.ts";
import { rowsOf } from "../core/parse.ts";
import { requireScope, type Scope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";

/**
 * What names a task outside: 160 bits that nobody can make who does not know the run's random id, and from which nobody comes back to
 * the key. The SQL below makes the same.
 */
export function taskToken(task: { run: string; step: number; key: string }): string {
  return sha256Hex(task.run, "\0", String(task.step), "\0", task.key).slice(0, 40);
}

const Row = z.object({
  token: z.string(),
  run: z.string(),
  incident: z.string(),
  step: z.int(),
  key: z.string(),
  payload: z.json(),
});
export type TokenTask = z.output<typeof Row>;

export type TokenInput = {
  readonly tokens: readonly string[];
  /** Only steps of this handler. */
  readonly kind: string;
  readonly scope: Scope;
};

/** Tasks by their tokens; a token of nobody's finds nothing. Steps that were loaded since the last call get their tokens first. */
export async function findByToken(
  ctx: Context,
  { tokens, kind, scope }: TokenInput,
): Promise<TokenTask[]> {
  requireScope(ctx.actor, scope);
  if (tokens.length === 0) return [];
  await fillTokens(ctx, kind, scope);
  const rows = await ctx.db.read`
    select k.token, r.run, r.incident, t.step, t.key, t.payload
    from work_tokens k join work_runs r on r.id = k.run
    join work_tasks t on t.run = k.run and t.step = k.step and t.n = k.n
    where k.token = any(${[...tokens]})`;
  return rowsOf(Row, rows);
}

const Step = z.object({ run: z.int(), step: z.int() });

// A step's tasks never change once they are loaded, so its tokens are made once: 190,000 in 3.2 s on a busy machine. If we crash, it is made whole
// the next time; two that make it at once are told apart by the row of `work_tokened`.
async function fillTokens(ctx: Context, kind: string, scope: Scope): Promise<void> {
  const missing = rowsOf(
    Step,
    await ctx.db.read`
      select s.run, s.step from work_steps s join work_runs r on r.id = s.run
      where s.kind = ${kind} and s.loaded and r.state <> 'loading'
        and not exists (select 1 from work_tokened k where k.run = s.run and k.step = s.step)`,
  );
  for (const { run, step } of missing) {
    await write(ctx, scope, async (tx) => {
      const taken = await tx`
        insert into work_tokened (run, step) values (${run}, ${step}) on conflict do nothing returning run`;
      if (taken.length > 0) {
        await tx`
          insert into work_tokens (token, run, step, n)
          select substr(encode(sha256(convert_to(r.run::text, 'UTF8') || '\\x00'::bytea || convert_to(t.step::text, 'UTF8')
            || '\\x00'::bytea || convert_to(t.key, 'UTF8')), 'hex'), 1, 40), t.run, t.step, t.n
          from work_tasks t join work_runs r on r.id = t.run where t.run = ${run} and t.step = ${step}`;
      }
      return { result: undefined, entry: [] };
    });
  }
}
