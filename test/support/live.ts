// Live detection over real stores: a stream of OTLP records, rules in a folder, and looks that a test takes itself.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Detect } from "../../src/config/detect-schema.ts";
import { sha256Hex } from "../../src/core/digest.ts";
import type { Context } from "../../src/db/context.ts";
import { look, type LookInput } from "../../src/detect/live/look.ts";
import { readLiveRules } from "../../src/detect/live/read-live-rules.ts";
import { listFindings } from "../../src/detect/findings/list-findings.ts";
import { otlp } from "../../src/logs/formats/otlp.ts";
import { isRefusal } from "../../src/logs/ingest/refusal.ts";
import { openIngest } from "../../src/logs/ingest/open-ingest.ts";
import { requestRecords } from "../../src/logs/ingest/request-records.ts";
import type { Stream } from "../../src/logs/ingest/stream.ts";
import { testContext } from "./context.ts";

export type LiveEvent = {
  readonly body: string;
  /** ISO 8601; the context's now by default. */
  readonly at?: string;
  readonly user?: string;
  readonly ip?: string;
};

export const FAILED = `title: Sign-in that failed
id: 5f0e0b6a-0000-4000-8000-000000000001
name: failed
level: high
tags: [attack.credential-access, attack.t1110.003]
logsource: { service: shop }
detection:
  told: { body|contains: failed }
  condition: told
`;

/** Of three failures of one address within a minute. */
export const MANY = `title: Many sign-ins that failed
id: 5f0e0b6a-0000-4000-8000-000000000002
level: critical
correlation:
  type: event_count
  rules: [failed]
  group-by: [client.address]
  timespan: 60s
  condition: { gte: 3 }
`;

export async function liveScene(
  rules: Readonly<Record<string, string>> = { "failed.yml": FAILED },
) {
  const opened = new AsyncDisposableStack();
  const t = opened.use(await testContext({ organisation: { detect: { rules: ["rules"] } } }));
  const ingest = opened.use(await openIngest(t.ctx, { everyMs: 1 }));
  const folder = join(t.dir, "rules");
  mkdirSync(folder);
  const rule = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  for (const [name, text] of Object.entries(rules)) rule(name, text);
  const settings = Detect.parse({ rules: ["rules"] });
  let known: Awaited<ReturnType<typeof readLiveRules>>;
  return {
    ...t,
    rule,
    settings,
    /** One batch, its number. */
    send: async (events: readonly LiveEvent[], stream = "app"): Promise<number> => {
      const body = Buffer.from(events.map((event) => line(t.ctx, event)).join(""));
      const records = requestRecords(body, otlp);
      const digest = sha256Hex(body);
      const taken = await ingest.take({
        stream: { ...STREAM, name: stream },
        format: otlp,
        request: { id: undefined, digest, records, bytes: body.length, rejected: 0 },
      });
      if (isRefusal(taken)) throw new Error(taken.says);
      return taken.batch;
    },
    look: async (fault?: LookInput["fault"], ctx: Context = t.ctx) => {
      known = (await readLiveRules(ctx, known)) ?? known;
      if (known === undefined) throw new Error("no rules were read");
      const input = { rules: known, allowanceMs: settings.allowance };
      return await look(ctx, { ...input, ...(fault ? { fault } : {}) });
    },
    findings: async () => (await listFindings(t.ctx, { all: "true" })).toReversed(),
    [Symbol.asyncDispose]: async () => await opened.disposeAsync(),
  };
}

const STREAM: Stream = { name: "app", format: otlp, otlpFormat: otlp, zone: "UTC", tokenFile: "" };

function line(ctx: Context, { body, at, user, ip }: LiveEvent): string {
  const millis = BigInt(at === undefined ? ctx.clock.now().getTime() : Date.parse(at));
  const record = {
    time_unix_nano: String(millis * 1_000_000n),
    severity_number: 9,
    body,
    attributes: {
      ...(user === undefined ? {} : { "user.name": user }),
      ...(ip === undefined ? {} : { "client.address": ip }),
    },
    resource: { "service.name": "shop" },
    scope: {},
  };
  return `${JSON.stringify(record)}\n`;
}
