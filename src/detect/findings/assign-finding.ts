import type { Tx } from "../../db/postgres.ts";

/** False where it is in an incident already, or is not there. Within the transaction of whoever owns the incident. */
export async function assignFinding(
  tx: Tx,
  { uid, incident }: { uid: string; incident: string },
): Promise<boolean> {
  const rows = await tx`
    update findings set incident = ${incident} where uid = ${uid} and incident is null returning uid`;
  return rows.length > 0;
}
