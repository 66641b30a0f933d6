import { z } from "zod";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { type FiledRequest, fileVendorRequest } from "./file-vendor-request.ts";

export const AskVendorInput = z.strictObject({
  incident: z.string().min(1),
  /** The connector in tocsin.yaml. */
  vendor: z.string().min(1),
  action: z.string().min(1).default("request"),
  /** What they are asked to do: `expire the tokens of our customers`. */
  asks: z.string().min(1).max(500),
  count: z.int().min(0).default(0),
});
export type AskVendorInput = z.input<typeof AskVendorInput>;

/** A person asks a vendor outside of any run. Put down now, sent by the next `chaseVendors`. @throws TocsinError `not_found` */
export async function askVendor(ctx: Context, input: AskVendorInput): Promise<FiledRequest> {
  requireScope(ctx.actor, "incidents:write");
  const { incident, vendor, action, asks, count } = parse(AskVendorInput, input);
  const filing = { incident, connector: vendor, action: `${vendor}.${action}`, asks, count };
  return await fileVendorRequest(ctx, "incidents:write", filing);
}
