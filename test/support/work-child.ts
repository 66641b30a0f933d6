// A worker as a process of its own, to be killed: node test/support/work-child.ts DATABASE_URL FILE. What its far side takes is a line
// in FILE, and FILE is what it asks when it reconciles.
import { appendFileSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { systemClock } from "../../src/core/clock.ts";
import { openLog } from "../../src/core/log.ts";
import { noProgress } from "../../src/core/progress.ts";
import { actorWithAllScopes } from "../../src/core/scope.ts";
import { Organisation } from "../../src/config/organisation.ts";
import type { Context } from "../../src/db/context.ts";
import { dataFolder } from "../../src/db/folder.ts";
import { openPools } from "../../src/db/open-postgres.ts";
import { work } from "../../src/work/work.ts";
import { keysOf, testHandler } from "./work.ts";

const [address = "", file = ""] = process.argv.slice(2);
const db = await openPools({ address, who: "child", connections: 3 });
const ctx: Context = {
  actor: actorWithAllScopes("child", "worker"),
  clock: systemClock,
  log: openLog("silent"),
  progress: noProgress,
  signal: new AbortController().signal,
  organisation: Organisation.parse({
    organisation: {
      name: "Example Cloud",
      domain: "example.cloud",
      contact: "privacy@example.cloud",
    },
  }),
  folder: dataFolder(tmpdir()),
  db,
  click: () => Promise.reject(new Error("a worker needs no ClickHouse")),
};

const once = testHandler({
  kind: "once",
  traits: { idempotent: false, batch: 1, concurrency: 4, window: 20 },
  act: async (batch) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    appendFileSync(file, `${keysOf(batch).join("\n")}\n`);
    return [{ state: "done" }];
  },
  reconcile: (batch) => {
    const taken = new Set(readFileSync(file, "utf8").split("\n"));
    return keysOf(batch).map((key) => (taken.has(key) ? "taken" : "not-taken"));
  },
});

await work(ctx, [once], { until: "idle", leaseMs: 60_000, pollMs: 50 });
await db.close();
