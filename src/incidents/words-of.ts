// What people said: reports from outside and notes.
import { z } from "zod";
import { rowsOf } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import { REPORTERS } from "./intake.ts";

const iso = z.date().transform((at) => at.toISOString());

const IntakeRow = z.object({
  id: z.string(),
  reporter: z.enum(REPORTERS),
  says: z.string(),
  receivedAt: iso,
  takenBy: z.string(),
});

export async function intakesOf(
  ctx: Context,
  incident: string,
): Promise<z.output<typeof IntakeRow>[]> {
  const rows = await ctx.db.read`
    select id, reporter, says, received_at as "receivedAt", taken_by as "takenBy"
    from intakes where incident = ${incident} order by received_at`;
  return rowsOf(IntakeRow, rows);
}

const NoteRow = z.object({
  id: z.string(),
  says: z.string(),
  writtenAt: iso,
  writtenBy: z.string(),
});

export async function notesOf(ctx: Context, incident: string): Promise<z.output<typeof NoteRow>[]> {
  const rows = await ctx.db.read`
    select id, says, written_at as "writtenAt", written_by as "writtenBy"
    from notes where incident = ${incident} order by written_at`;
  return rowsOf(NoteRow, rows);
}
