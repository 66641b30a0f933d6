import { z } from "zod";
import { parse, rowsOf } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { STANDINGS } from "../../mail/reports/sender-of.ts";

export const MailSourcesInput = z.strictObject({
  domain: z.string().optional(),
  standing: z.enum(STANDINGS).optional(),
});

const Source = z.object({
  domain: z.string(),
  sender: z.string(),
  standing: z.enum(STANDINGS),
  learnt: z.boolean(),
  messages: z.coerce.number(),
  addresses: z.array(z.string()),
  first_at: z.date(),
  last_at: z.date(),
});

const Reports = z.object({
  kind: z.enum(["dmarc", "dmarc-failure", "tls"]),
  domain: z.string(),
  reports: z.int(),
  reporters: z.int(),
  messages: z.coerce.number(),
  failed: z.coerce.number(),
  bad: z.coerce.number(),
  last_at: z.date(),
});

export type MailSources = {
  /** By domain, those whom receivers take for us first, then by how much they send. */
  readonly sources: readonly z.output<typeof Source>[];
  readonly reports: readonly z.output<typeof Reports>[];
};

/** Who sends as us, by what receivers report, and how it stands. */
export async function mailSources(
  ctx: Context,
  input: z.input<typeof MailSourcesInput>,
): Promise<MailSources> {
  requireScope(ctx.actor, "mail:read");
  const { domain, standing } = parse(MailSourcesInput, input);
  const sql = ctx.db.read;
  const sources = await sql`
    select domain, sender, standing, learnt, messages, addresses, first_at, last_at from mail_sources
    where ${domain === undefined ? sql`true` : sql`domain = ${domain}`}
      and ${standing === undefined ? sql`true` : sql`standing = ${standing}`}
    order by domain, array_position(array['aligned', 'authenticated', 'unauthenticated'], standing), messages desc, sender limit 10000`;
  const reports = await sql`
    select kind, domain, count(*)::int as reports, count(distinct reporter)::int as reporters, sum(messages) as messages,
      sum(failed) as failed, sum(bad) as bad, max(end_at) as last_at
    from mail_reports where ${domain === undefined ? sql`true` : sql`domain = ${domain}`}
    group by kind, domain order by domain, kind`;
  return { sources: rowsOf(Source, sources), reports: rowsOf(Reports, reports) };
}
