import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { readCheckpoints } from "./checkpoint-file.ts";
import { withLedger, type LedgerPage } from "./read-ledger.ts";
import { LedgerRecord, StoredCheckpoint } from "./record.ts";
import { parseVerifier } from "./signed-note.ts";
import { verifySource, type Verification } from "./verify-source.ts";

const Head = z.strictObject({
  format: z.literal("tocsin-ledger-export/1"),
  waiting: z.number(),
  unplaced: z.array(z.string()),
  checkpoints: z.array(StoredCheckpoint),
  /** Of the file outside the database. */
  notes: z.array(z.string()),
});

/** The whole ledger as NDJSON, for keeping or checking elsewhere: a head, then one record a line. Holds all bodies. */
export async function exportLedger(
  ctx: Context,
  out: (line: string) => Promise<void>,
): Promise<void> {
  requireScope(ctx.actor, "people:read");
  const { notes } = await readCheckpoints(ctx);
  await withLedger(ctx, async ({ waiting, unplaced, checkpoints, pages }) => {
    const head = {
      format: "tocsin-ledger-export/1",
      waiting,
      unplaced,
      checkpoints,
      notes: notes.map(({ note }) => note),
    };
    await out(JSON.stringify(head));
    for await (const { records } of pages)
      for (const record of records) await out(JSON.stringify(record));
  });
}

/**
 * As `verifyLedger`, of an export, with the ledger's public key and nothing else.
 * @throws TocsinError `invalid` where it is no export
 */
export async function verifyExport(
  lines: AsyncIterable<string>,
  publicKey: string,
): Promise<Verification> {
  const verifier = parseVerifier(publicKey);
  const reading = lines[Symbol.asyncIterator]();
  const first = await reading.next();
  const { notes, ...head } = readLine(Head, first.done === true ? "" : first.value);
  return await verifySource({ ...head, pages: pagesOf(reading) }, { verifier, notes });
}

async function* pagesOf(reading: AsyncIterator<string>): AsyncIterable<LedgerPage> {
  for (let next = await reading.next(); next.done !== true; next = await reading.next()) {
    if (next.value !== "") yield { records: [readLine(LedgerRecord, next.value)] };
  }
}

function readLine<Schema extends z.ZodType>(schema: Schema, line: string): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(line));
  } catch (cause) {
    throw new TocsinError(
      "invalid",
      "this is not an export of a ledger, or a line of it is damaged",
      { cause },
    );
  }
}
