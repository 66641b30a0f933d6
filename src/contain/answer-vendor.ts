import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import type { Tx } from "../db/postgres.ts";
import { write } from "../ledger/write.ts";
import { wakeWaiting } from "../work/wake-waiting.ts";

export const CARRIED_OUT = ["all", "some", "none"] as const;

export const AnswerVendorInput = z
  .strictObject({
    incident: z.string().min(1),
    /** The connector in tocsin.yaml, or the vendor's name. */
    vendor: z.string().min(1),
    /** Which request, by its reference, where the vendor has several open. */
    reference: z.string().optional(),
    ticket: z.string().max(200).optional(),
    says: z.string().min(1).max(20_000),
    /** What shows it: the key of evidence taken, or a digest. */
    evidence: z.string().max(1_000).optional(),
    carriedOut: z.enum(CARRIED_OUT),
    /** With `some`: which. The others are waited for. */
    targets: z.array(z.string().min(1)).min(1).max(100_000).optional(),
    /** They will not do the rest. */
    declined: z.boolean().default(false),
  })
  .refine((answer) => answer.targets === undefined || answer.carriedOut === "some", {
    message: "name targets only where `some` were carried out",
    path: ["targets"],
  });
export type AnswerVendorInput = z.input<typeof AnswerVendorInput>;
type Answer = z.output<typeof AnswerVendorInput>;

export const REQUEST_STATES = ["due", "asked", "answered", "carried-out", "declined"] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

/**
 * Puts down what a vendor answered. Only this makes its targets *done* (`all`, or those named with `some`) or *refused* (`declined`);
 * an acknowledgement (`none`) leaves them waiting, and the chasing goes on.
 * @throws TocsinError `not_found` without an open request, `conflict` where several are open and none is named
 */
export async function answerVendor(
  ctx: Context,
  input: AnswerVendorInput,
): Promise<{ request: string; state: RequestState }> {
  return await write(ctx, "incidents:write", async (tx) => {
    const answer = parse(AnswerVendorInput, input);
    const request = await openRequest(tx, answer);
    const state = stateAfter(answer);
    const now = ctx.clock.now();
    const [numbered] = await tx`
      insert into vendor_answers (request, number, ticket, says, evidence, carried_out, declined, answered_at, recorded_by)
      select ${request}, 1 + (select count(*) from vendor_answers where request = ${request}), ${answer.ticket ?? null}, ${answer.says},
        ${answer.evidence ?? null}, ${answer.carriedOut}, ${answer.declined}, ${now}, ${ctx.actor.name}
      returning number`;
    const number = z.int().parse(numbered?.["number"]);
    await tx`
      insert into vendor_carried_out (request, key, answer)
      select ${request}, key, ${number} from unnest(${answer.targets ?? []}::text[]) key on conflict do nothing`;
    await tx`
      update vendor_requests
      set state = ${state}, ticket = coalesce(${answer.ticket ?? null}, ticket),
        settled_at = ${state === "answered" ? null : now}
      where id = ${request}`;
    await wakeRequest(tx, request);
    const { incident, targets, ...said } = answer;
    const body = { request, number, state, ...jsonOf(said), targets: targets ?? null };
    return { result: { request, state }, entry: { kind: "vendor.answered", incident, body } };
  });
}

// The step that asked, where one did, looks at once.
async function wakeRequest(tx: Tx, request: string): Promise<void> {
  const [asked] = await tx<{ run: string | null; step: string }[]>`
    select run, action as step from vendor_requests where id = ${request}`;
  if (asked?.run != null) await wakeWaiting(tx, { run: asked.run, step: asked.step });
}

function stateAfter({ carriedOut, declined }: Answer): RequestState {
  if (carriedOut === "all") return "carried-out";
  return declined ? "declined" : "answered";
}

function jsonOf(said: Omit<Answer, "incident" | "targets">) {
  const { vendor, ticket = null, says, evidence = null, carriedOut, declined } = said;
  return { vendor, ticket, says, evidence, carriedOut, declined };
}

async function openRequest(tx: Tx, answer: Answer): Promise<string> {
  const rows = await tx<{ id: string; reference: string }[]>`
    select id, reference from vendor_requests
    where incident = ${answer.incident} and (connector = ${answer.vendor} or lower(vendor) = lower(${answer.vendor}))
      and state in ('due', 'asked', 'answered') and (${answer.reference ?? null}::text is null or reference = ${answer.reference ?? null})
    order by made_at for update`;
  const [first, second] = rows;
  if (!first)
    throw new TocsinError(
      "not_found",
      `${answer.incident} has no open request to ${answer.vendor}`,
    );
  if (second) {
    const open = rows.map((row) => row.reference).join(", ");
    throw new TocsinError(
      "conflict",
      `${answer.vendor} has several open requests (${open}): name one with its reference`,
    );
  }
  return first.id;
}
