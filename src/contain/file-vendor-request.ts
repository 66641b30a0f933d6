import { randomBytes, randomUUID } from "node:crypto";
import type { Scope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { vendorConnector } from "./vendor-mail.ts";

export type FileRequest = {
  readonly incident: string;
  readonly connector: string;
  readonly action: string;
  readonly asks: string;
  readonly count: number;
  /** The step that waits for it. A second filing for the same step is the first one. */
  readonly waits?: { readonly run: string; readonly step: number };
};

export type FiledRequest = { readonly request: string; readonly reference: string };

/** Puts down that a vendor is to be asked. Sends nothing. */
export async function fileVendorRequest(
  ctx: Context,
  scope: Scope,
  filing: FileRequest,
): Promise<FiledRequest> {
  return await write(ctx, scope, async (tx) => {
    const { incident, connector, action, asks, count, waits } = filing;
    const vendor = vendorConnector(ctx, connector).vendor.name;
    const [made] = await tx<{ request: string; reference: string }[]>`
      insert into vendor_requests (id, incident, connector, action, vendor, asks, run, step, count, reference, state, made_at)
      values (${randomUUID()}, ${incident}, ${connector}, ${action}, ${vendor}, ${asks}, ${waits?.run ?? null},
        ${waits?.step ?? null}, ${count}, ${reference()}, 'due', ${ctx.clock.now()})
      on conflict (run, step) do nothing
      returning id as request, reference`;
    if (made) {
      const body = { request: made.request, reference: made.reference, vendor, asks, count };
      return { result: { ...made }, entry: { kind: "vendor.request-filed", incident, body } };
    }
    const [there] = await tx<{ request: string; reference: string }[]>`
      select id as request, reference from vendor_requests where run = ${waits?.run ?? null} and step = ${waits?.step ?? null}`;
    if (!there) throw new TypeError("a request that was there is gone");
    return { result: { ...there }, entry: [] };
  });
}

/** Eight signs without those that are mistaken for others: 40 bits, unguessable enough to be no oracle. */
function reference(): string {
  const signs = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  const text = [...randomBytes(8)].map((byte) => signs[byte % 32] ?? "2").join("");
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}
