// The `github` connector: bulk revocation of exposed credentials, and the issuing app's own check call as the proof.
// A customer's credential is only ever sent to be revoked or to be checked by its issuer; we never sign in with it.
import { TocsinError } from "../../core/errors.ts";
import type { GithubConnector } from "../../config/connectors-schema.ts";
import type { Context } from "../../db/context.ts";
import type { Batch, Ended, Prepared, Task, TaskOutcome, Traits } from "../../work/handler.ts";
import { type Checker, openChecker, type TokenState } from "./github-check.ts";
import { isGithubCredential, isIssuedByApp } from "./github-token.ts";
import { GITHUB_HEADERS, githubUrl, limitedBy, openGithub } from "./github-api.ts";
import type { Answered, Outgoing, Resolve } from "./outgoing.ts";
import { secretReader, type SecretReader, type Secrets } from "./sealed-secrets.ts";

export type GithubStep = {
  readonly connector: GithubConnector;
  readonly traits: Traits;
  /** The check call once knew a living token: without that, *not found* means nothing. Kept beyond this process. */
  readonly control: Control;
  readonly resolve?: Resolve;
};

export type Control = { known(): Promise<boolean>; remember(): Promise<void> };

/** @throws TocsinError `invalid` where the client's secret cannot be read */
export async function prepareGithubRevoke(ctx: Context, step: GithubStep): Promise<Prepared> {
  await using opened = new AsyncDisposableStack();
  const outgoing = opened.use(openGithub(step.connector, step.resolve));
  const checker = await openChecker(ctx, step.connector, outgoing);
  const side: Side = { ctx, step, outgoing, checker, secretsOf: secretReader(ctx) };
  const kept = opened.move();
  return {
    traits: step.traits,
    act: async (batch) => await act(side, batch),
    verify: async (batch) => await verify(side, batch),
    [Symbol.asyncDispose]: async () => await kept.disposeAsync(),
  };
}

type Side = {
  readonly ctx: Context;
  readonly step: GithubStep;
  readonly outgoing: Outgoing;
  readonly checker: Checker | undefined;
  readonly secretsOf: SecretReader;
};

async function act(side: Side, batch: Batch): Promise<TaskOutcome[]> {
  const secrets = await side.secretsOf(batch.sealed);
  const fit = batch.tasks.filter((task) => isGithubCredential(secrets.get(task.key) ?? ""));
  await findLiving(side, batch, sampleOf(side, fit, secrets));
  const outcomes = await revokeBisecting(side, batch, { tasks: fit, secrets });
  return batch.tasks.map(({ key }) => outcomes.get(key) ?? notSent(secrets.get(key)));
}

function notSent(token: string | undefined): Ended {
  return { state: "refused", reason: token === undefined ? "secret-missing" : "malformed" };
}

/** One living token, seen through the check call before anything is revoked, makes its later *not found* a proof. */
async function findLiving(side: Side, batch: Batch, sample: readonly Sampled[]): Promise<void> {
  if (!side.checker || (await side.step.control.known())) return;
  for (const { token } of sample.slice(0, 3)) {
    if ((await side.checker.stateOf(token, batch.signal)) === "alive")
      return await side.step.control.remember();
  }
}

type Revoking = { readonly tasks: readonly Task[]; readonly secrets: Secrets };

/** GitHub answers for a request as a whole: where it finds something wrong with one, halves are sent, until a limit stops us. */
async function revokeBisecting(
  side: Side,
  batch: Batch,
  given: Revoking,
): Promise<Map<string, TaskOutcome>> {
  const outcomes = new Map<string, TaskOutcome>();
  const pending = given.tasks.length === 0 ? [] : [given.tasks];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    const answered = await revoke(side, batch, { ...given, tasks: part });
    const invalid = answered.kind === "answer" && answered.status === 422;
    if (invalid && part.length > 1) {
      const half = part.length >> 1;
      pending.push(part.slice(0, half), part.slice(half));
      continue;
    }
    const outcome = outcomeOf(side, answered);
    for (const task of part) outcomes.set(task.key, outcome);
    if (isRetry(outcome))
      for (const rest of pending.splice(0).flat()) outcomes.set(rest.key, outcome);
  }
  return outcomes;
}

function isRetry(outcome: TaskOutcome): boolean {
  return "retry" in outcome;
}

async function revoke(side: Side, batch: Batch, { tasks, secrets }: Revoking): Promise<Answered> {
  // Never authenticated: "any authenticated requests will return a 403".
  return await side.outgoing.request({
    method: "POST",
    url: githubUrl(side.step.connector, "/credentials/revoke"),
    headers: GITHUB_HEADERS,
    body: JSON.stringify({ credentials: tasks.map((task) => secrets.get(task.key)) }),
    signal: batch.signal,
  });
}

/** 202, 422 and 500 are what the description knows; 403 and 429 are its rate limits. */
function outcomeOf(side: Side, answered: Answered): TaskOutcome {
  if (answered.kind !== "answer") {
    const inside = answered.reason === "internal-address";
    return inside
      ? { state: "refused", reason: answered.reason }
      : { retry: true, reason: "unavailable" };
  }
  const { status } = answered;
  if (status === 202) return { state: "done", detail: { proof: ACCEPTED } };
  if (status === 403 || status === 429) return limitedBy(side.ctx, answered.headers);
  if (status >= 500) return { retry: true, reason: "unavailable" };
  return { state: "refused", reason: `github-${status}` };
}

const ACCEPTED = "accepted by GitHub, not proved";

type Sampled = { readonly key: string; readonly token: string };

/** Marks are digests, so the smallest ones are a fair sample, and the same one whoever takes it. */
function sampleOf(side: Side, tasks: readonly Task[], secrets: Secrets): Sampled[] {
  const each = side.step.connector.github.check?.each ?? 0;
  return tasks
    .map(({ key }) => ({ key, token: secrets.get(key) ?? "" }))
    .filter(({ token }) => isIssuedByApp(token))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, each);
}

const DONE: Ended = { state: "done" };

/** A token of a request that still lives makes the whole request's acceptance worth nothing, except for those proved dead. */
async function verify(side: Side, batch: Batch): Promise<TaskOutcome[]> {
  const sample = sampleOf(side, batch.tasks, await side.secretsOf(batch.sealed));
  if (!side.checker || sample.length === 0 || !(await side.step.control.known()))
    return batch.tasks.map(() => DONE);
  const states = new Map<string, TokenState>();
  for (const { key, token } of sample)
    states.set(key, await side.checker.untilDead(token, batch.signal));
  const lied = [...states.values()].includes("alive");
  return batch.tasks.map(({ key }): TaskOutcome => {
    const state = states.get(key);
    if (state === "dead")
      return { state: "done", detail: { proof: "GitHub's check call no longer knows it" } };
    if (!lied) return DONE;
    return {
      state: "refused",
      reason: "not-proved",
      detail: { readBack: state ?? "others of its request live" },
    };
  });
}

/** `check-token`: changes nothing, asks GitHub about each token, at the pace of the app's own limit. */
export async function prepareGithubCheck(ctx: Context, step: GithubStep): Promise<Prepared> {
  await using opened = new AsyncDisposableStack();
  const checker = await openChecker(
    ctx,
    step.connector,
    opened.use(openGithub(step.connector, step.resolve)),
  );
  if (!checker)
    throw new TocsinError(
      "invalid",
      "github has no `check` in tocsin.yaml, so nothing can be asked",
    );
  const secretsOf = secretReader(ctx);
  const kept = opened.move();
  return {
    traits: step.traits,
    act: async (batch) => {
      const secrets = await secretsOf(batch.sealed);
      const known = await step.control.known();
      return await Promise.all(
        batch.tasks.map(
          async ({ key }) => await proofOf(checker, { token: secrets.get(key), known, batch }),
        ),
      );
    },
    [Symbol.asyncDispose]: async () => await kept.disposeAsync(),
  };
}

type Proving = {
  readonly token: string | undefined;
  readonly known: boolean;
  readonly batch: Batch;
};

async function proofOf(checker: Checker, { token, known, batch }: Proving): Promise<TaskOutcome> {
  if (token === undefined || !isGithubCredential(token)) return notSent(token);
  if (!isIssuedByApp(token)) return { state: "unknown", reason: "not-of-this-app" };
  const state = await checker.stateOf(token, batch.signal);
  if (state === "alive")
    return { state: "refused", reason: "not-proved", detail: { readBack: "alive" } };
  if (state === "dead")
    return known ? DONE : { state: "unknown", reason: "check-knew-no-living-token" };
  return state;
}
