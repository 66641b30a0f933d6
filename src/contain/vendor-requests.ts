import { z } from "zod";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { CARRIED_OUT, REQUEST_STATES } from "./answer-vendor.ts";

const Letter = z.object({
  number: z.int(),
  kind: z.enum(["ask", "chase"]),
  subject: z.string(),
  body: z.string(),
  made_at: z.string(),
  handed: z.string().nullable(),
  trouble: z.string().nullable(),
});

const Answer = z.object({
  number: z.int(),
  ticket: z.string().nullable(),
  says: z.string(),
  evidence: z.string().nullable(),
  carried_out: z.enum(CARRIED_OUT),
  declined: z.boolean(),
  answered_at: z.string(),
  recorded_by: z.string(),
});

const VendorRequest = z.object({
  request: z.string(),
  reference: z.string(),
  connector: z.string(),
  action: z.string(),
  vendor: z.string(),
  asks: z.string(),
  count: z.int(),
  state: z.enum(REQUEST_STATES),
  ticket: z.string().nullable(),
  made_at: z.date(),
  asked_at: z.date().nullable(),
  chase_at: z.date().nullable(),
  settled_at: z.date().nullable(),
  letters: z.array(Letter),
  answers: z.array(Answer),
});
export type VendorRequest = z.output<typeof VendorRequest>;

export const VendorRequestsInput = z.strictObject({ incident: z.string().min(1) });

/** What was asked of vendors in an incident and what came back, oldest first. For `handover` and the report. */
export async function vendorRequests(
  ctx: Context,
  input: z.input<typeof VendorRequestsInput>,
): Promise<VendorRequest[]> {
  requireScope(ctx.actor, "incidents:read");
  const { incident } = parse(VendorRequestsInput, input);
  const rows = await ctx.db.read`
    select id as request, reference, connector, action, vendor, asks, count, state, ticket, made_at, asked_at, chase_at, settled_at,
      coalesce((select json_agg(m order by m.number) from (
        select number, kind, subject, body, made_at, handed, trouble from vendor_mails where request = r.id) m), '[]') as letters,
      coalesce((select json_agg(a order by a.number) from (
        select number, ticket, says, evidence, carried_out, declined, answered_at, recorded_by
        from vendor_answers where request = r.id) a), '[]') as answers
    from vendor_requests r where incident = ${incident} order by made_at, reference`;
  return rows.map((row) => VendorRequest.parse(row));
}
