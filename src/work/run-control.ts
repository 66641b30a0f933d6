import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import type { Tx } from "../db/postgres.ts";

/** What pause, resume and abort are given. */
export const RunControl = z.strictObject({
  run: z.uuid(),
  because: z.string().min(1).max(1_000).optional(),
});
export type RunControl = z.input<typeof RunControl>;

export type ControlledRun = {
  readonly id: number;
  readonly incident: string;
  readonly state: string;
};

/** The run, locked until the transaction ends. @throws TocsinError `not_found` */
export async function lockRun(tx: Tx, run: string): Promise<ControlledRun> {
  const [row] = await tx<
    ControlledRun[]
  >`select id, incident, state from work_runs where run = ${run} and state != 'loading' for update`;
  if (!row) throw new TocsinError("not_found", `no run ${run}`);
  return { id: row.id, incident: row.incident, state: row.state };
}

/** The ledger's body: the reason only where one was given. */
export function controlBody({ run, because }: z.output<typeof RunControl>): {
  run: string;
  because?: string;
} {
  return because === undefined ? { run } : { run, because };
}
