// Whether it was done, as the far side has it now: asked for each target, or in one request for those that are left of a batch.
import { z } from "zod";
import type { HttpAction } from "../../config/connectors-schema.ts";
import type { Clock } from "../../core/clock.ts";
import type { Batch } from "../../work/handler.ts";
import { type Target, urlTemplate, type Values, valuesOf } from "./http-values.ts";
import type { Answered, Outgoing } from "./outgoing.ts";
import { escapeFor, requestTemplate } from "./request-template.ts";
import { retryAfterMs } from "./retry-after.ts";

export type Read = "done" | "left" | { readonly unclear: string; readonly afterMs?: number };

/** One answer a task, in order. */
export type ReadBack = (batch: Batch) => Promise<Read[]>;

export type ReadBackOf = {
  readonly clock: Clock;
  readonly url: string;
  readonly left: HttpAction["left"];
  readonly outgoing: Outgoing;
  readonly authorization: Readonly<Record<string, string>>;
};

/** An unclear answer is no proof either way, so it is asked again, a few times and not for ever. */
const TRIES = 5;
const LONGEST_WAIT_MS = 60_000;
const JSON_TYPE = "application/json";

export function openReadBack(of: ReadBackOf): ReadBack {
  const { left } = of;
  if (!left) return () => Promise.reject(new TypeError("there is nothing to read back with"));
  const url = urlTemplate(of.url, left.path);
  const body =
    left.body === undefined ? undefined : requestTemplate(left.body, escapeFor(JSON_TYPE));
  const ask = async (values: Values, signal: AbortSignal): Promise<Answered> => {
    const text = body?.(values);
    return await of.outgoing.request({
      method: left.method,
      url: url(values),
      headers: {
        ...of.authorization,
        ...(text === undefined ? {} : { "content-type": JSON_TYPE }),
      },
      ...(text === undefined ? {} : { body: text }),
      signal,
    });
  };
  if (left.lists) {
    return async (batch) => {
      const values = valuesOf(targets(batch));
      return await patiently(of.clock, batch, async () =>
        listed(of, values.keys, await ask(values, batch.signal)),
      );
    };
  }
  return async (batch) => {
    const each = targets(batch).map(async (target) => {
      const values = valuesOf([target]);
      return await patiently(of.clock, batch, async () => [
        single(of, await ask(values, batch.signal)),
      ]);
    });
    return (await Promise.all(each)).flat();
  };
}

function targets({ tasks }: Batch): Target[] {
  return tasks.map(({ key }) => ({ key }));
}

async function patiently(clock: Clock, batch: Batch, read: () => Promise<Read[]>): Promise<Read[]> {
  for (let tries = 1; ; tries += 1) {
    const reads = await read();
    const unclear = reads.find((one) => typeof one !== "string");
    if (unclear === undefined || tries === TRIES) return reads;
    const wait = typeof unclear === "string" ? undefined : unclear.afterMs;
    await clock.sleep(Math.min(wait ?? 250 * 2 ** tries, LONGEST_WAIT_MS), batch.signal);
  }
}

function single({ left, clock }: ReadBackOf, answered: Answered): Read {
  if (answered.kind !== "answer") return { unclear: answered.reason };
  if (left?.done.includes(answered.status)) return "done";
  const passing = answered.status === 429 || answered.status >= 500;
  return passing ? unclearAnswer(clock, answered) : "left";
}

const Keys = z.array(z.union([z.string(), z.number()]).transform(String));

// Whatever is not the promised list proves nothing, for none of them.
function listed({ left, clock }: ReadBackOf, keys: readonly string[], answered: Answered): Read[] {
  const none = (read: Read): Read[] => keys.map(() => read);
  if (answered.kind !== "answer") return none({ unclear: answered.reason });
  if (!left?.done.includes(answered.status)) return none(unclearAnswer(clock, answered));
  const parsed = Keys.safeParse(jsonOf(answered.body));
  if (!parsed.success) return none({ unclear: "not-a-list" });
  const still = new Set(parsed.data);
  return keys.map((key) => (still.has(key) ? "left" : "done"));
}

function unclearAnswer(clock: Clock, { status, headers }: Answered & { kind: "answer" }): Read {
  const afterMs = retryAfterMs(headers, clock.now());
  return { unclear: `http-${status}`, ...(afterMs !== undefined && { afterMs }) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
