// Notices to a local sink, each with its ledger line, against nodemailer alone with the same bytes in the same process.
// node bench/notices.ts [notices] [--connections N] [--rounds N] [--json]
import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { createTransport } from "nodemailer";
import { z } from "zod";
import { write } from "../src/ledger/write.ts";
import type { Message } from "../src/mail/message.ts";
import { openProvider } from "../src/mail/provider.ts";
import { noticeHandler } from "../src/notices/notice-handler.ts";
import type { NoticePerson } from "../src/notices/person.ts";
import { noticeKit } from "../src/notices/render.ts";
import { createRun } from "../src/work/create-run.ts";
import { loadTasks } from "../src/work/load-tasks.ts";
import { runProgress } from "../src/work/run-progress.ts";
import { work } from "../src/work/work.ts";
import { testContext } from "../test/support/context.ts";
import { mailContext } from "../test/support/mail-context.ts";
import { exposure, noticePerson, noticeSettings } from "../test/support/notice-people.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    connections: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
  },
});
const count = Number(positionals[0] ?? 10_000);
const connections = Number(values.connections);
const ENGINE = "through the engine, with a ledger line each";
const KEY = Buffer.alloc(32, 1);
const LANGUAGES = ["en", "en", "fr", "ja"];

function personOf(n: number): NoticePerson {
  const exposed = [
    exposure("user.account.username"),
    ...(n % 3 === 0 ? [exposure("user.authorization.password", { detail: "bcrypt" })] : []),
    ...(n % 4 === 0 ? [exposure("token.github")] : []),
  ];
  const accounts = [{ account: String(n), username: `user${n}`, exposed }];
  return noticePerson({
    to: `user${n}@example.org`,
    name: `Jo Doe ${n}`,
    language: LANGUAGES[n % 4] ?? "en",
    accounts,
  });
}

function numbers(): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

async function startSink(): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(new URL("smtp-sink.ts", import.meta.url));
  const [{ port }] = z
    .tuple([z.object({ port: z.int() })])
    .parse((await once(child, "message")).slice(0, 1));
  return { child, port };
}

/** As many at a time as there are lines, as the engine does it. */
async function inLanes(job: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await job(next++);
  };
  await Promise.all(Array.from({ length: connections }, lane));
}

const sink = await startSink();
const kit = noticeKit(noticeSettings(), KEY);
const build = (n: number): Message => {
  const rendered = kit.build(personOf(n), {
    run: "bench",
    step: 0,
    subject: String(n),
    date: new Date(0),
  });
  if ("message" in rendered) return rendered.message;
  throw new Error("a notice of the bench has an empty placeholder");
};
const messages = numbers().map(build);
const rounds = new Map<string, number[]>();

async function measure(what: string, job: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  await job();
  rounds.set(what, [
    ...(rounds.get(what) ?? []),
    Math.round(count / ((performance.now() - began) / 1000)),
  ]);
}

function median(what: string): number {
  const sorted = (rounds.get(what) ?? [0]).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

async function nodemailerAlone(): Promise<void> {
  const transport = createTransport({
    host: "127.0.0.1",
    port: sink.port,
    pool: true,
    maxConnections: connections,
    maxMessages: Infinity,
    ignoreTLS: true,
  });
  await measure("nodemailer alone", async () => {
    await Promise.all(
      messages.map(
        async ({ from, to, data }) =>
          await transport.sendMail({ envelope: { from, to }, raw: data }),
      ),
    );
  });
  transport.close();
}

await using t = await testContext();
const provider = { connections, tls: "offered" };
const ctx = { ...t.ctx, organisation: mailContext(t.dir, sink.port, { provider }).organisation };

async function providerAlone(): Promise<void> {
  await using opened = await openProvider(ctx, "sink");
  await measure("provider alone", async () => {
    await Promise.all(messages.map(async (message) => await opened.hand(message)));
  });
  await measure("render, build and hand", async () => {
    await inLanes(async (n) => await opened.hand(build(n)));
  });
}

let share = 0;

async function throughTheEngine(): Promise<void> {
  const run = randomUUID();
  const settings = z.json().parse(noticeSettings());
  await write(ctx, "plans:apply", async (tx) => {
    const step = { name: "notices", kind: "notice", settings, after: [], chunkSize: 1_000 };
    await createRun(tx, { run, incident: "test-incident", plan: "bench", steps: [step] });
    const tasks = numbers().map((n) => ({
      key: randomUUID(),
      payload: z.json().parse(personOf(n)),
    }));
    await loadTasks(tx, { run, step: 0, tasks: [tasks] });
    return { result: undefined, entry: { kind: "plan.applied", body: { run } } };
  });
  const cpu = process.cpuUsage();
  const before = performance.now();
  await measure(ENGINE, async () => {
    await work(ctx, [noticeHandler], { until: "idle", run });
  });
  const busy = process.cpuUsage(cpu);
  share = (busy.user + busy.system) / 1000 / (performance.now() - before);
  const [step] = (await runProgress(ctx, { run })).steps;
  if (step?.done !== count) throw new Error(`${step?.done ?? 0} of ${count} done`);
}

for (let round = 0; round < Number(values.rounds); round += 1) {
  await measure("render and build", async () => {
    for (const n of numbers()) build(n);
  });
  await nodemailerAlone();
  await providerAlone();
  await throughTheEngine();
}
sink.child.disconnect();

const results = Object.fromEntries([...rounds.keys()].map((what) => [what, median(what)]));
const ratio = median(ENGINE) / median("nodemailer alone");
if (values.json) {
  process.stdout.write(
    `${JSON.stringify({ count, connections, perSecond: results, ratio, cpu: share })}\n`,
  );
} else {
  for (const [what, perSecond] of Object.entries(results))
    process.stdout.write(`${String(perSecond).padStart(8)}/s  ${what}\n`);
  process.stdout.write(
    `${(ratio * 100).toFixed(0).padStart(8)} %  of nodemailer alone; one process at ${(share * 100).toFixed(0)} % of a core\n`,
  );
}
