import { z } from "zod";
import { TocsinError } from "../../core/errors.ts";
import { parse } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { STANDINGS } from "../../mail/reports/sender-of.ts";

export const MailSourceInput = z.strictObject({
  sender: z.string().min(1).describe("as mail-sources names it: dkim example.cloud s1"),
  domain: z.string().optional(),
});

const Row = z.object({
  domain: z.string(),
  reporter: z.string(),
  report_id: z.string(),
  begin: z.string(),
  source: z.string(),
  messages: z.coerce.number(),
  standing: z.enum(STANDINGS),
  disposition: z.string(),
  header_from: z.string(),
  envelope_from: z.string(),
  dkim: z.array(z.string()),
  spf: z.array(z.string()),
});
export type SourceRecord = z.output<typeof Row>;

const MOST = 1_000;

/**
 * What receivers reported of one source, the newest first, at most a thousand records.
 * @throws TocsinError `not_found` where nobody reported it
 */
export async function mailSource(
  ctx: Context,
  input: z.input<typeof MailSourceInput>,
): Promise<SourceRecord[]> {
  requireScope(ctx.actor, "mail:read");
  const { sender, domain = "" } = parse(MailSourceInput, input);
  const click = await ctx.click();
  const records = await click.query(
    Row,
    `select domain, reporter, report_id, toString(begin) as begin, source, messages, standing, disposition, header_from, envelope_from, dkim, spf
     from dmarc_records final
     where sender = {sender:String} and ({domain:String} = '' or domain = {domain:String})
     order by dmarc_records.begin desc, reporter, report_id, place limit {most:UInt32}`,
    { sender, domain, most: MOST },
  );
  if (records.length === 0)
    throw new TocsinError("not_found", `nobody reported a source ${sender}: tocsin mail sources`);
  return records;
}
