import { z } from "zod";
import { sha256Hex } from "../core/digest.ts";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { taskOf } from "../work/task-of.ts";
import { findNoticeKey } from "./notice-key.ts";
import { NoticePerson } from "./person.ts";
import { noticeKit, type Notice } from "./render.ts";
import { NoticeSettings } from "./settings.ts";

const Input = z.strictObject({ run: z.uuid(), subject: z.uuid() });

/** What a sent notice's outcome remembers of it. */
const Detail = z.object({ date: z.coerce.date(), sha256: z.string() });

export type ShownNotice = Notice & {
  readonly to: string;
  /** How its task ended, `waiting` until then. */
  readonly state: string;
  /** The message as it was handed over, without the DKIM signature, which is made on the way out. */
  readonly message: Buffer | undefined;
  /** The bytes hash to what the ledger has of them. */
  readonly same: boolean | undefined;
};

/**
 * A notice again, byte by byte, from its task's payload and the frozen template. The reading is in the ledger.
 * @throws TocsinError `not_found` where the run wrote to nobody of that id
 */
export async function noticeOf(ctx: Context, input: z.input<typeof Input>): Promise<ShownNotice> {
  const { run, subject } = parse(Input, input);
  const task = await taskOf(ctx, { run, kind: "notice", key: subject });
  const key = await findNoticeKey(ctx, task.incident);
  if (!key) throw new TocsinError("not_found", `run ${run} has sent no notice yet`);
  await write(ctx, "people:read", async () => ({
    result: undefined,
    entry: { kind: "notice.read", incident: task.incident, body: { run, subject } },
  }));
  const person = parse(NoticePerson, task.payload);
  const kit = noticeKit(parse(NoticeSettings, task.settings), key);
  const shown = kit.show(person);
  if ("empty" in shown)
    throw new TocsinError(
      "refused",
      `this notice has empty placeholders: ${shown.empty.join(", ")}`,
    );
  const sent = Detail.safeParse(task.detail);
  const rendered = sent.success
    ? kit.build(person, { run, step: task.step, subject, date: sent.data.date })
    : undefined;
  const message = rendered && "message" in rendered ? rendered.message.data : undefined;
  return {
    ...shown,
    to: person.to,
    state: task.state ?? "waiting",
    message,
    same: message && sent.success ? sha256Hex(message) === sent.data.sha256 : undefined,
  };
}
