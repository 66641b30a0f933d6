import type { Tx } from "../db/postgres.ts";

/**
 * Looks at once again at what waits for somebody to act, instead of at its next poll: called where that somebody has. A chunk that a
 * worker holds right now keeps its poll; this is haste, never what the outcome rests on.
 */
export async function wakeWaiting(tx: Tx, of: { run: string; step: string }): Promise<void> {
  await tx`
    with woken as (
      update work_chunks c set due_at = '-infinity'
      from work_runs r join work_steps s on s.run = r.id
      where r.run = ${of.run} and s.name = ${of.step} and c.run = s.run and c.step = s.step
        and c.waits > 0 and c.ended_at is null
      returning c.run, c.step, c.first, c.last)
    update work_retries t set due_at = '-infinity'
    from woken w where t.run = w.run and t.step = w.step and t.n between w.first and w.last`;
}
