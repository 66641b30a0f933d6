// The `vendor` connector: what only the vendor can carry out. It is asked once a step, chased, and believed only when it answers.
import { z } from "zod";
import type { VendorConnector } from "../../config/connectors-schema.ts";
import type { Context } from "../../db/context.ts";
import type { Batch, Ended, Prepared, TaskOutcome, Traits } from "../../work/handler.ts";
import type { Action } from "../action.ts";
import { REQUEST_STATES } from "../answer-vendor.ts";
import { chaseVendors } from "../chase-vendors.ts";
import { fileVendorRequest } from "../file-vendor-request.ts";
import type { SendToVendor } from "../vendor-mail.ts";

export type VendorStep = {
  readonly connector: VendorConnector;
  readonly step: {
    readonly run: string;
    readonly step: number;
    readonly incident: string;
    readonly action: Action;
    readonly traits: Traits;
    readonly wants: { readonly of?: string | undefined; readonly count?: number | undefined };
  };
  readonly send?: SendToVendor;
};

/** Files the request, once a step; with `send`, sends it too. */
export async function prepareVendor(ctx: Context, { step, send }: VendorStep): Promise<Prepared> {
  const { run, incident, action, wants } = step;
  const { request } = await fileVendorRequest(ctx, "work:run", {
    incident,
    connector: action.connector,
    action: action.name,
    asks: wants.of ?? action.title,
    count: wants.count ?? 0,
    waits: { run, step: step.step },
  });
  if (send) await chaseVendors(ctx, { send });
  return {
    traits: step.traits,
    act: async (batch) => await answersFor(ctx, request, batch),
    [Symbol.asyncDispose]: async () => {},
  };
}

const Standing = z.object({
  state: z.enum(REQUEST_STATES),
  reference: z.string(),
  ticket: z.string().nullable(),
  carried_out: z.array(z.string()),
});
type Standing = z.output<typeof Standing>;

async function answersFor(ctx: Context, request: string, batch: Batch): Promise<TaskOutcome[]> {
  const keys = batch.tasks.map((task) => task.key);
  const [row] = await ctx.db.read`
    select state, reference, ticket,
      array(select key from vendor_carried_out where request = id and key = any(${keys})) as carried_out
    from vendor_requests where id = ${request}`;
  const standing = Standing.parse(row);
  const named = new Set(standing.carried_out);
  return keys.map((key) => outcomeOf(standing, named.has(key)));
}

const ASK_AGAIN_MS = 10_000;

function outcomeOf({ state, reference, ticket }: Standing, named: boolean): TaskOutcome {
  const detail = { reference, ticket };
  const done: Ended = { state: "done", reason: "vendor-answered", detail };
  if (named || state === "carried-out") return done;
  if (state === "declined") return { state: "refused", reason: "vendor-declined", detail };
  return { waiting: true, reason: "waits-for-vendor", afterMs: ASK_AGAIN_MS };
}
