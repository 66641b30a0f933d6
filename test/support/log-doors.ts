// The doors for logs over real stores, with one stream of each kind.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { openIngest, type IngestOptions } from "../../src/logs/ingest/open-ingest.ts";
import type { Stream } from "../../src/logs/ingest/stream.ts";
import { json } from "../../src/logs/formats/json.ts";
import { otlp } from "../../src/logs/formats/otlp.ts";
import { createAccess } from "../../src/server/access.ts";
import { createApp } from "../../src/server/app.ts";
import { logDoors, type LogDoorsOptions } from "../../src/server/log-doors.ts";
import { testContext } from "./context.ts";

export const TOKENS = { app: "token-of-app-0123456789", other: "token-of-other-0123456789" };

export function streamsFor(dir: string): Stream[] {
  return Object.entries(TOKENS).map(([name, token]) => {
    writeFileSync(join(dir, `${name}.token`), `${token}\n`, { mode: 0o600 });
    return { name, format: json, otlpFormat: otlp, zone: "UTC", tokenFile: `${name}.token` };
  });
}

const Row = z.object({
  source: z.string(),
  place: z.number(),
  batch: z.number(),
  time: z.string(),
  raw: z.string(),
  broken: z.string(),
});

export type DoorsInput = Partial<LogDoorsOptions> & { readonly ingestOptions?: IngestOptions };

export async function doorsScene(input: DoorsInput = {}) {
  const opened = new AsyncDisposableStack();
  const t = opened.use(await testContext());
  const ingest = opened.use(await openIngest(t.ctx, { everyMs: 20, ...input.ingestOptions }));
  const streams = streamsFor(t.dir);
  const doors = logDoors(t.ctx, { ingest, streams, ...input });
  const access = createAccess(["127.0.0.1:7443"], t.ctx.clock);
  const app = createApp({ context: t.ctx, routes: [], access, doors });
  const post = async (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<Response> =>
    await app.request(`http://logs.example${path}`, {
      method: "POST",
      body,
      headers: { authorization: `Bearer ${TOKENS.app}`, ...headers },
    });
  const events = async () =>
    await (
      await t.ctx.click()
    ).query(
      Row,
      "select source, place, batch, time, raw, broken from events order by source, batch, place",
    );
  return {
    ...t,
    app,
    ingest,
    access,
    streams,
    post,
    events,
    [Symbol.asyncDispose]: async () => await opened.disposeAsync(),
  };
}
