import { basename } from "node:path";
import { z } from "zod";
import { IncidentFile } from "../config/incident-file.ts";
import { Key, Name } from "../config/words.ts";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { findEvidence } from "./find-evidence.ts";
import { type Content, measureFile, putSealed } from "./store.ts";

export const AddEvidenceInput = z.strictObject({
  incident: Name,
  key: Key,
  path: z.string().min(1),
  kind: IncidentFile.shape.evidence.unwrap().valueType.shape.kind,
});

export type AddedEvidence = Content & {
  /** False where exactly this content stood under this key before: nothing was done. */
  readonly fresh: boolean;
};

/**
 * Takes a file into an incident: read once, hashed, sealed, its custody in the ledger. Sealed content without its record (a
 * crash between the two) is harmless: taking it again finds it.
 * @throws TocsinError `conflict` where the key has other content; `not_found`, `unavailable` (disk full)
 */
export async function addEvidence(
  ctx: Context,
  input: z.input<typeof AddEvidenceInput>,
): Promise<AddedEvidence> {
  requireScope(ctx.actor, "evidence:write");
  const evidence = parse(AddEvidenceInput, input);
  const known = await findEvidence(ctx, evidence);
  if (known) {
    const content = await measureFile(evidence.path, ctx.signal).catch(unlessGone);
    return { ...same(evidence, known.sha256, content ?? known), fresh: false };
  }
  const content = await putSealed(ctx.folder, evidence.path, ctx.signal);
  return await record(ctx, evidence, content);
}

// The sealed copy is what counts: people are free to remove the file that it was taken from.
function unlessGone(error: unknown): undefined {
  if (!(error instanceof TocsinError && error.code === "not_found")) throw error;
}

async function record(
  ctx: Context,
  of: z.output<typeof AddEvidenceInput>,
  content: Content,
): Promise<AddedEvidence> {
  const { incident, key, kind } = of;
  const name = basename(of.path);
  return await write<AddedEvidence>(ctx, "evidence:write", async (tx) => {
    const made = await tx`
      insert into evidence (incident, key, sha256, bytes, kind, name, added_at, added_by)
      values (${incident}, ${key}, ${content.sha256}, ${content.bytes}, ${kind}, ${name}, ${ctx.clock.now()}, ${ctx.actor.name})
      on conflict (incident, key) do nothing
      returning key`;
    if (made.length > 0) {
      const body = { key, kind, name, ...content };
      return {
        result: { ...content, fresh: true },
        entry: { kind: "evidence.taken", incident, body },
      };
    }
    const [theirs] = await tx<{ sha256: string }[]>`
      select sha256 from evidence where incident = ${incident} and key = ${key}`;
    return { result: { ...same(of, theirs?.sha256 ?? "", content), fresh: false }, entry: [] };
  });
}

function same(
  { incident, key }: { incident: string; key: string },
  sha256: string,
  content: Content,
): Content {
  if (content.sha256 === sha256) return { sha256, bytes: content.bytes };
  throw new TocsinError(
    "conflict",
    `evidence ${key} of ${incident} was taken with other content (SHA-256 ${sha256.slice(0, 12)}, the file is ` +
      `${content.sha256.slice(0, 12)}): evidence never changes, so give the new file a key of its own in incident.yaml; ` +
      `rows that were wrongly in ${key} are taken back with \`withdraws: ${key}\``,
  );
}
