import { TocsinError } from "../core/errors.ts";
import { openLog } from "../core/log.ts";
import type { Progress } from "../core/progress.ts";
import { findServer } from "../server/data-server.ts";
import { compose, findFolder } from "../server/compose.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, createClient, serverTransport } from "./client.ts";
import type { Environment } from "./cli.ts";

export type ConnectInput = {
  readonly folder: string;
  readonly environment: Environment;
  readonly actor: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

const SERVER_WITHIN_MS = 60_000;

/** The folder's server where one runs, else the same routes here. `TOCSIN_SERVER=required` waits for the server. */
export async function connect(input: ConnectInput): Promise<Client> {
  const folder = await findFolder(input.folder, input.environment["TOCSIN_DATA"]);
  const required = input.environment["TOCSIN_SERVER"] === "required";
  for (const since = Date.now(); ; await sleep(100)) {
    const server = await findServer(folder);
    if (server) return createClient(serverTransport(folder, server), input);
    if (!required) break;
    if (Date.now() - since > SERVER_WITHIN_MS)
      throw new TocsinError("unavailable", "no server runs here: tocsin serve");
  }
  const context = await compose({
    ...input,
    folder,
    who: "a tocsin command",
    log: openLog("silent"),
  });
  const { createApp } = await import("../server/app.ts");
  const { createAccess } = await import("../server/access.ts");
  const { routes } = await import("../server/routes.ts");
  const access = createAccess(["in-process"], context.clock);
  const app = createApp({ context, routes, access });
  let wrote = false;
  return createClient(
    {
      work: async (run) => {
        const { work } = await import("../work/work.ts");
        const { handlersOf, sendToVendor } = await import("../server/handlers.ts");
        await work(context, handlersOf(context), { until: "idle", run, signal: input.signal });
        const { chaseVendors } = await import("../contain/chase-vendors.ts");
        await chaseVendors(context, { send: sendToVendor(context) });
      },
      fetch: async (path, init) => {
        wrote ||= init.method === "POST";
        const headers = new Headers(init.headers);
        headers.set("authorization", `Bearer ${access.token}`);
        headers.set("host", "in-process");
        return await app.request(`http://in-process${path}`, { ...init, headers });
      },
      lost: async (error) => {
        throw error;
      },
      close: async () => {
        await using closing = context;
        if (!wrote || input.signal.aborted) return;
        const { tidyLedger } = await import("../server/housekeeping.ts");
        await tidyLedger(closing);
      },
    },
    input,
  );
}
