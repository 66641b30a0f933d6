import { join } from "node:path";
import { z } from "zod";
import { loadIncident } from "../config/load-incident.ts";
import { Name } from "../config/words.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import type { Tx } from "../db/postgres.ts";
import { incidentFolder } from "../db/folder.ts";
import { write } from "../ledger/write.ts";

export const OpenIncidentInput = z.strictObject({ incident: Name });

export type OpenedIncident = { incident: string; state: string; opened: boolean };

/** Takes the folder `incidents/NAME` in as an incident, *suspected* at first. Open already: says so and changes nothing. */
export async function openIncident(
  ctx: Context,
  input: z.input<typeof OpenIncidentInput>,
): Promise<OpenedIncident> {
  const { incident } = parse(OpenIncidentInput, input);
  const path = join(incidentFolder(ctx.folder, incident), "incident.yaml");
  const file = await loadIncident(path, { organisation: ctx.organisation });
  return await write(ctx, "incidents:write", async (tx) => {
    const at = ctx.clock.now();
    const [row] = await tx`
      insert into incidents (name, title, state, lead, opened_at)
      values (${incident}, ${file.title}, 'suspected', ${file.lead}, ${at})
      on conflict (name) do nothing
      returning name`;
    const opened = row !== undefined;
    const state = opened ? "suspected" : await stateOf(tx, incident);
    const body = { title: file.title, lead: file.lead };
    return {
      result: { incident, state, opened },
      entry: opened ? [{ kind: "incident.opened", incident, body }] : [],
    };
  });
}

async function stateOf(tx: Tx, incident: string): Promise<string> {
  const [row] = await tx<{ state: string }[]>`select state from incidents where name = ${incident}`;
  return row?.state ?? "suspected";
}
