import { z } from "zod";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { mailAddress } from "../mail/address.ts";
import { findNoticeKey } from "./notice-key.ts";
import { isReferenceCode, referenceCode } from "./reference-code.ts";

const Input = z.strictObject({ incident: z.string(), address: z.string(), code: z.string() });

/**
 * Whether a code is the one of a message from us to that address about that incident. It does not say whether such a message was
 * sent: a code for an address that nobody wrote to cannot be known to anybody.
 */
export async function checkReference(ctx: Context, input: z.input<typeof Input>): Promise<boolean> {
  requireScope(ctx.actor, "notices:read");
  const { incident, address, code } = parse(Input, input);
  const [key, to] = [await findNoticeKey(ctx, incident), mailAddress(address)];
  return (
    key !== undefined &&
    to !== undefined &&
    isReferenceCode(referenceCode(key, incident, to.address), code)
  );
}
