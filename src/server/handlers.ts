import { containHandlerWith } from "../contain/contain-handler.ts";
import type { SendToVendor } from "../contain/vendor-mail.ts";
import type { Context } from "../db/context.ts";
import { alarmHandler } from "../incidents/alarm-handler.ts";
import { heldBack } from "../incidents/hold-back.ts";
import { sendLetter } from "../mail/send-letter.ts";
import { noticeHandler } from "../notices/notice-handler.ts";
import type { Handler } from "../work/handler.ts";

/** What the engine can do. `tocsin work` and `tocsin serve` hold the same. */
export function handlersOf(ctx: Context): readonly Handler[] {
  return [containHandlerWith({ send: sendToVendor(ctx) }), heldBack(noticeHandler), alarmHandler];
}

/** Letters to vendors go the way of the organisation's own mail. */
export function sendToVendor(ctx: Context): SendToVendor {
  return async (mail) => {
    const handed = await sendLetter(ctx, mail);
    return { state: handed.kind, ...("reason" in handed ? { reason: handed.reason } : {}) };
  };
}
