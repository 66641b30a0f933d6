// The `http` connector: any service that takes a request for one target or a batch. What its answers mean is in tocsin.yaml.
import { readFile } from "node:fs/promises";
import { resolve as resolvePath } from "node:path";
import { sha256Hex } from "../../core/digest.ts";
import { TocsinError } from "../../core/errors.ts";
import type { HttpAction, HttpConnector } from "../../config/connectors-schema.ts";
import type { Context } from "../../db/context.ts";
import type {
  Batch,
  Ended,
  Prepared,
  Reconciled,
  Task,
  TaskOutcome,
  Traits,
} from "../../work/handler.ts";
import {
  type Answered,
  openOutgoing,
  type Outgoing,
  type OutgoingRequest,
  type Resolve,
} from "./outgoing.ts";
import {
  escapeFor,
  escapeForUrl,
  requestTemplate,
  type RequestTemplate,
} from "./request-template.ts";
import { retryAfterMs } from "./retry-after.ts";
import { secretReader, type SecretReader, type Secrets } from "./sealed-secrets.ts";

export type HttpStep = {
  readonly connector: HttpConnector;
  readonly action: HttpAction;
  readonly traits: Traits;
  /** Nothing is done; what the customer has done is read. */
  readonly watching: boolean;
  readonly resolve?: Resolve;
};

/** @throws TocsinError `invalid` where a template does not parse or the token file cannot be read */
export async function prepareHttp(ctx: Context, step: HttpStep): Promise<Prepared> {
  const { action } = step;
  const side = await openSide(ctx, step);
  const verify = async (batch: Batch): Promise<TaskOutcome[]> =>
    await eachLeft(side, batch, notProved);
  const reads = action.left !== undefined;
  return {
    traits: step.traits,
    act: async (batch) =>
      step.watching ? await eachLeft(side, batch, waits) : await act(side, batch),
    ...(reads && !step.watching && { verify }),
    ...(reads && { reconcile: async (batch: Batch) => await reconcile(side, batch) }),
    async [Symbol.asyncDispose]() {
      side.outgoing[Symbol.dispose]();
    },
  };
}

type Side = {
  readonly ctx: Context;
  readonly action: HttpAction;
  readonly traits: Traits;
  readonly outgoing: Outgoing;
  readonly secretsOf: SecretReader;
  readonly authorization: Readonly<Record<string, string>>;
  readonly url: (values: Values) => URL;
  readonly leftUrl: (values: Values) => URL;
  readonly headers: readonly (readonly [string, RequestTemplate])[];
  readonly body: RequestTemplate | undefined;
};

type Target = { readonly key: string; readonly secret?: string };
type Values = {
  readonly target: Target | undefined;
  readonly targets: readonly Target[];
  readonly keys: readonly string[];
};

async function openSide(ctx: Context, step: HttpStep): Promise<Side> {
  const { action, connector } = step;
  const { http } = connector;
  const headers = { ...http.headers, ...action.headers };
  return {
    ctx,
    action,
    traits: step.traits,
    secretsOf: secretReader(ctx),
    outgoing: openOutgoing({
      internalHost: http.allow_internal ? new URL(http.url).hostname : undefined,
      timeoutMs: http.timeout,
      connections: http.connections,
      ...(step.resolve && { resolve: step.resolve }),
    }),
    authorization: await bearerOf(ctx, http.token_file),
    url: urlTemplate(http.url, action.path ?? ""),
    leftUrl: urlTemplate(http.url, action.left?.path ?? ""),
    headers: Object.entries(headers).map(
      ([name, value]) => [name, requestTemplate(value)] as const,
    ),
    body:
      action.body === undefined
        ? undefined
        : requestTemplate(action.body, escapeFor(action.content_type)),
  };
}

/** @throws TocsinError `invalid` where the file cannot be read */
export async function bearerOf(
  ctx: Context,
  file: string | undefined,
): Promise<Record<string, string>> {
  return file === undefined ? {} : { authorization: `Bearer ${await secretIn(ctx, file)}` };
}

/** The first line of a secret file beside tocsin.yaml. @throws TocsinError `invalid` where it cannot be read */
export async function secretIn(ctx: Context, file: string): Promise<string> {
  try {
    return (
      (await readFile(resolvePath(ctx.folder.root, file), "utf8")).split("\n")[0]?.trim() ?? ""
    );
  } catch (error) {
    throw new TocsinError("invalid", `the secret file ${file} cannot be read`, { cause: error });
  }
}

function urlTemplate(base: string, path: string): (values: Values) => URL {
  const template = requestTemplate(path, escapeForUrl);
  const root = new URL(base);
  return (values) => {
    const url = new URL(base.replace(/\/$/, "") + template(values));
    // A template that begins with `@host` or `.example` would otherwise take the token elsewhere.
    if (url.origin !== root.origin)
      throw new TocsinError("invalid", "a path leads away from the connector's url");
    return url;
  };
}

async function act(side: Side, batch: Batch): Promise<TaskOutcome[]> {
  const targets = targetsOf(batch, await side.secretsOf(batch.sealed));
  const answered = await side.outgoing.request(requestFor(side, batch, targets));
  const outcome = outcomeOf(side, answered);
  return batch.tasks.map(() => outcome);
}

function targetsOf(batch: Batch, secrets: Secrets): Target[] {
  return batch.tasks.map(({ key }) => {
    const secret = secrets.get(key);
    return secret === undefined ? { key } : { key, secret };
  });
}

function valuesOf(targets: readonly Target[]): Values {
  return { target: targets[0], targets, keys: targets.map((target) => target.key) };
}

function requestFor(side: Side, batch: Batch, targets: readonly Target[]): OutgoingRequest {
  const { action } = side;
  const values = valuesOf(targets);
  const body = side.body?.(values);
  const key =
    action.idempotency_header === undefined
      ? {}
      : { [action.idempotency_header]: idempotencyKey(batch) };
  return {
    method: action.method,
    url: side.url(values),
    headers: {
      ...side.authorization,
      ...(body === undefined ? {} : { "content-type": action.content_type }),
      ...Object.fromEntries(side.headers.map(([name, template]) => [name, template(values)])),
      ...key,
    },
    ...(body !== undefined && { body }),
    signal: batch.signal,
  };
}

/** The same for the same targets of the same step of the same run, whoever tries and however often. */
export function idempotencyKey(batch: Pick<Batch, "run" | "step" | "tasks">): string {
  const keys = batch.tasks.map((task) => task.key).toSorted();
  return sha256Hex(JSON.stringify([batch.run, batch.step, keys])).slice(0, 32);
}

function outcomeOf(side: Side, answered: Answered): TaskOutcome {
  if (answered.kind === "not-sent") return notSent(answered.reason);
  if (answered.kind === "maybe-sent") return uncertain(side, answered.reason);
  const { status } = answered;
  if (side.action.done.includes(status)) return { state: "done" };
  if (side.action.gone.includes(status)) return { state: "gone", reason: `http-${status}` };
  if (status === 429 || status === 503) return slowedDown(side, answered);
  if (status === 401)
    throw new TocsinError(
      "unauthenticated",
      "the service does not know our token (401): renew the token file",
    );
  return isPassing(status) ? uncertain(side, `http-${status}`) : refusedWith(status);
}

/** Request timeout, too early, and whatever went wrong on their side. */
function isPassing(status: number): boolean {
  return status === 408 || status === 425 || status >= 500;
}

function refusedWith(status: number): Ended {
  const redirected = status >= 300 && status < 400;
  return redirected
    ? { state: "refused", reason: "redirected", detail: { status } }
    : { state: "refused", reason: `http-${status}` };
}

function notSent(reason: string): TaskOutcome {
  return reason === "internal-address"
    ? { state: "refused", reason }
    : { retry: true, reason: "unavailable" };
}

function slowedDown(side: Side, answer: Answered & { kind: "answer" }): TaskOutcome {
  const afterMs = retryAfterMs(answer.headers, side.ctx.clock.now());
  const reason = answer.status === 429 || afterMs !== undefined ? "limited" : "unavailable";
  return { retry: true, reason, ...(afterMs !== undefined && { afterMs }) };
}

/** It may have been carried out. Again where that does no harm; else the read-back decides, and where there is none, nobody can. */
function uncertain(side: Side, reason: string): TaskOutcome {
  if (side.traits.idempotent)
    return {
      retry: true,
      reason: reason === "timeout" || reason === "cut" ? "unavailable" : reason,
    };
  if (side.action.left)
    throw new TocsinError(
      "unavailable",
      `the service broke off (${reason}): what was taken is read back`,
    );
  return { state: "unknown", reason };
}

type Read = "done" | "left" | { readonly unclear: string; readonly afterMs?: number };

async function readBack(side: Side, batch: Batch, task: Task): Promise<Read> {
  const { left } = side.action;
  if (!left) throw new TypeError("there is nothing to read back with");
  const target = { key: task.key };
  const answered = await side.outgoing.request({
    method: left.method,
    url: side.leftUrl(valuesOf([target])),
    headers: side.authorization,
    signal: batch.signal,
  });
  if (answered.kind !== "answer") return { unclear: answered.reason };
  if (left.done.includes(answered.status)) return "done";
  if (answered.status === 429 || answered.status >= 500) {
    const afterMs = retryAfterMs(answered.headers, side.ctx.clock.now());
    return { unclear: `http-${answered.status}`, ...(afterMs !== undefined && { afterMs }) };
  }
  return "left";
}

/** An unclear answer is no proof either way, so it is asked again, a few times and not for ever. */
const READ_BACK_TRIES = 5;
const LONGEST_WAIT_MS = 60_000;

async function readBackPatiently(side: Side, batch: Batch, task: Task): Promise<Read> {
  for (let tries = 1; ; tries += 1) {
    const read = await readBack(side, batch, task);
    if (typeof read === "string" || tries === READ_BACK_TRIES) return read;
    await side.ctx.clock.sleep(
      Math.min(read.afterMs ?? 250 * 2 ** tries, LONGEST_WAIT_MS),
      batch.signal,
    );
  }
}

async function eachLeft(
  side: Side,
  batch: Batch,
  otherwise: (read: Read) => TaskOutcome,
): Promise<TaskOutcome[]> {
  return await Promise.all(
    batch.tasks.map(async (task): Promise<TaskOutcome> => {
      const read = await readBackPatiently(side, batch, task);
      return read === "done" ? DONE : otherwise(read);
    }),
  );
}

const DONE: Ended = { state: "done" };

function notProved(read: Read): TaskOutcome {
  const answer = typeof read === "string" ? "still there" : read.unclear;
  return { state: "refused", reason: "not-proved", detail: { readBack: answer } };
}

function waits(): TaskOutcome {
  return { waiting: true, reason: "waits-for-customer" };
}

async function reconcile(side: Side, batch: Batch): Promise<Reconciled[]> {
  return await Promise.all(
    batch.tasks.map(async (task): Promise<Reconciled> => {
      const read = await readBackPatiently(side, batch, task);
      if (read === "done") return "taken";
      return read === "left" ? "not-taken" : "unknown";
    }),
  );
}
