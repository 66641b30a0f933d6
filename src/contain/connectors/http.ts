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
  TaskOutcome,
  Traits,
} from "../../work/handler.ts";
import { openReadBack, type Read, type ReadBack } from "./http-read-back.ts";
import { type Target, urlTemplate, type Values, valuesOf } from "./http-values.ts";
import {
  type Answered,
  openOutgoing,
  type Outgoing,
  type OutgoingRequest,
  type Resolve,
} from "./outgoing.ts";
import { escapeFor, requestTemplate, type RequestTemplate } from "./request-template.ts";
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
  readonly readBack: ReadBack;
  readonly headers: readonly (readonly [string, RequestTemplate])[];
  readonly body: RequestTemplate | undefined;
};

async function openSide(ctx: Context, step: HttpStep): Promise<Side> {
  const { action, connector } = step;
  const { http } = connector;
  const headers = { ...http.headers, ...action.headers };
  const authorization = await bearerOf(ctx, http.token_file);
  const outgoing = openOutgoing({
    internalHost: http.allow_internal ? new URL(http.url).hostname : undefined,
    timeoutMs: http.timeout,
    connections: http.connections,
    ...(step.resolve && { resolve: step.resolve }),
  });
  return {
    ctx,
    action,
    traits: step.traits,
    secretsOf: secretReader(ctx),
    outgoing,
    authorization,
    url: urlTemplate(http.url, action.path ?? ""),
    readBack: openReadBack({
      clock: ctx.clock,
      url: http.url,
      left: action.left,
      outgoing,
      authorization,
    }),
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

async function eachLeft(
  side: Side,
  batch: Batch,
  otherwise: (read: Read) => TaskOutcome,
): Promise<TaskOutcome[]> {
  const reads = await side.readBack(batch);
  return reads.map((read) => (read === "done" ? DONE : otherwise(read)));
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
  const reads = await side.readBack(batch);
  return reads.map((read) => {
    if (read === "done") return "taken";
    return read === "left" ? "not-taken" : "unknown";
  });
}
