// Notices as work: one person, one message. SMTP has a moment in which a crash leaves it open whether a message was taken, so the work is
// not idempotent, and the provider is asked afterwards where it can be.
import type { Json } from "../core/canonical.ts";
import { sha256Hex } from "../core/digest.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import type { Handed, Reply } from "../mail/handed.ts";
import { openProvider, type Provider } from "../mail/provider.ts";
import type { Batch, Handler, Prepared, Reconciled, Task, TaskOutcome } from "../work/handler.ts";
import { noticeKey } from "./notice-key.ts";
import { NoticePerson } from "./person.ts";
import { messageId, noticeKit, type NoticeKit, type Rendered } from "./render.ts";
import { NoticeSettings } from "./settings.ts";

/** What a crash can leave open is at most three of these; each costs one durable mark. */
const WINDOW = 100;
/** With the engine's backoff about a quarter of an hour: greylisting asks for five minutes or so (RFC 6647, 5). */
const ATTEMPTS = 15;

export const noticeHandler: Handler = {
  kind: "notice",
  prepare: async (ctx, given, step) => {
    const settings = parse(NoticeSettings, given);
    const key = await noticeKey(ctx, step.incident);
    const kit = noticeKit(settings, key);
    const provider = await openProvider(ctx, settings.provider);
    return preparedOf(ctx, { settings, kit, provider });
  },
};

type Sender = {
  readonly settings: NoticeSettings;
  readonly kit: NoticeKit;
  readonly provider: Provider;
};

/** The signal ends with the lease: what has not begun by then is somebody else's. */
type Sending = Sender & { readonly signal: AbortSignal };

function preparedOf(ctx: Context, sender: Sender): Prepared {
  const { provider, settings } = sender;
  const pace = slower(settings.pace, ctx.organisation.mail?.providers[settings.provider]?.pace);
  const bucket = `mail:${settings.provider}`;
  return {
    traits: {
      idempotent: false,
      batch: 1,
      window: WINDOW,
      attempts: ATTEMPTS,
      // Twice as many as lines, so that a line which is free finds a message built.
      concurrency: provider.connections * 2,
      bucket,
      ...(pace ? { pace: { ...pace, bucket, per: "target" } } : {}),
    },
    act: async ({ tasks, signal }) =>
      await Promise.all(tasks.map(async (task) => await send(ctx, { ...sender, signal }, task))),
    reconcile: async (batch) => await askProvider(sender, batch),
    [Symbol.asyncDispose]: async () => {
      await provider[Symbol.asyncDispose]();
    },
  };
}

type Pace = { readonly count: number; readonly perMs: number };

function slower(a: Pace | undefined, b: Pace | undefined): Pace | undefined {
  if (!a || !b) return a ?? b;
  return a.count / a.perMs < b.count / b.perMs ? a : b;
}

async function send(ctx: Context, sender: Sending, task: Task): Promise<TaskOutcome> {
  const { kit, provider, signal } = sender;
  const date = wholeSecond(ctx.clock.now());
  const { run, step, key: subject } = task;
  const person = NoticePerson.safeParse(task.payload);
  if (!person.success) return { state: "refused", reason: "malformed-payload" };
  const rendered = kit.build(person.data, { run, step, subject, date });
  if ("noAddress" in rendered) return { state: "unreachable", reason: "address" };
  if ("empty" in rendered) {
    return {
      state: "refused",
      reason: "empty-placeholder",
      detail: { placeholders: [...rendered.empty] },
    };
  }
  const handed = await provider.hand(rendered.message, signal);
  const detail = detailOf(rendered, date, handed);
  if (handed.kind !== "unknown") return outcomeOf(handed, detail);
  return await settle(provider, rendered.message.id, {
    state: "unknown",
    reason: handed.reason,
    detail,
  });
}

/** RFC 3463, 3.2: X.1.1 to X.1.3, X.1.6 and X.1.10 say that the mailbox or its domain is not there; X.2.1 that it is disabled. */
function isAddressDead(reply: Reply | undefined): boolean {
  return /^5\.(1\.(1|2|3|6|10)|2\.1)$/.test(reply?.status ?? "");
}

/** Enough to make the same bytes again and to show that they are the same. */
function detailOf(
  rendered: Extract<Rendered, { message: unknown }>,
  date: Date,
  handed: Handed,
): Json {
  const { message, language, fallback } = rendered;
  const reply = "reply" in handed && handed.reply ? { reply: replyText(handed.reply) } : {};
  return {
    language,
    date: date.toISOString(),
    sha256: sha256Hex(message.data),
    ...(fallback ? { fallback } : {}),
    ...reply,
  };
}

function replyText({ code, status }: Reply): string {
  return status === undefined ? String(code) : `${code} ${status}`;
}

function outcomeOf(handed: Exclude<Handed, { kind: "unknown" }>, detail: Json): TaskOutcome {
  if (handed.kind === "accepted") return { state: "done", detail };
  if (handed.kind === "refused") {
    const state = isAddressDead(handed.reply) ? "unreachable" : "refused";
    return { state, reason: handed.reason, detail };
  }
  if (handed.kind === "deferred") return { retry: true, reason: handed.reason };
  // What is wrong with the provider is nobody's outcome: it opens the breaker, and the notices wait.
  return handed.retryable
    ? { retry: true, reason: "unavailable" }
    : { state: "unreachable", reason: handed.reason };
}

async function settle(
  provider: Provider,
  id: string,
  unknown: TaskOutcome & { state: "unknown" },
): Promise<TaskOutcome> {
  const found = await provider.lookup?.(id);
  if (found === "taken") return { ...unknown, state: "done" };
  return found === "not-taken" ? { retry: true, reason: "line-lost" } : unknown;
}

async function askProvider(
  { provider, settings }: Sender,
  { run, step, tasks }: Batch,
): Promise<Reconciled[]> {
  const { lookup } = provider;
  if (!lookup) return tasks.map(() => "unknown");
  return await Promise.all(
    tasks.map(async ({ key }) => await lookup(messageId(settings, { run, step, subject: key }))),
  );
}

// A Date header has no fractions (RFC 5322, 3.3).
function wholeSecond(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 1000) * 1000);
}
