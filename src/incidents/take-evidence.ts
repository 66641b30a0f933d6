import { resolve } from "node:path";
import { z } from "zod";
import { Key, Name } from "../config/words.ts";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import { addEvidence } from "../evidence/add-evidence.ts";
import { subrequest } from "../ledger/request-key.ts";
import { scopeEvidence } from "../scope/scope-evidence.ts";
import { readIncident } from "./incident.ts";
import { readEvidenceLog } from "./read-evidence-log.ts";

export const TakeEvidenceInput = z.strictObject({ incident: Name, key: Key.optional() });

export type TakenEvidence = {
  key: string;
  sha256: string;
  bytes: number;
  fresh: boolean;
  rows?: number;
  matched?: number;
  /** Of a log: its records, and what the rules found in it. */
  records?: number;
  broken?: number;
  findings?: number;
};

/**
 * Takes in what incident.yaml names (or only `key`): hashed, sealed, scoped; logs are read and looked at. What was taken before stays as it is.
 * @throws TocsinError `not_found` where a file is not there
 */
export async function takeEvidence(
  ctx: Context,
  input: z.input<typeof TakeEvidenceInput>,
): Promise<TakenEvidence[]> {
  const { incident: name, key: only } = parse(TakeEvidenceInput, input);
  const { file, folder } = await readIncident(ctx, name);
  if (only !== undefined && !(only in file.evidence)) {
    throw new TocsinError("not_found", `incident.yaml of ${name} names no evidence ${only}`);
  }
  const taken: TakenEvidence[] = [];
  for (const [key, settings] of Object.entries(file.evidence)) {
    if (only !== undefined && key !== only) continue;
    const path = resolve(folder, settings.file);
    const added = await addEvidence(subrequest(ctx, `evidence/${key}`), {
      incident: name,
      key,
      path,
      kind: settings.kind,
    });
    const one = { key, sha256: added.sha256, bytes: added.bytes, fresh: added.fresh };
    if (settings.kind === "log") {
      const { as } = settings;
      const part = subrequest(ctx, `log/${key}`);
      taken.push({ ...one, ...(await readEvidenceLog(part, { incident: name, key, as })) });
      continue;
    }
    if (settings.kind !== "records") {
      taken.push(one);
      continue;
    }
    const scoped = await scopeEvidence(subrequest(ctx, `scope/${key}`), {
      incident: name,
      file,
      key,
    });
    taken.push({ ...one, rows: scoped.rows, matched: scoped.matched });
  }
  return taken;
}
