// Notices through the engine to a local sink, each with its ledger line, against nodemailer alone with the same bytes in the same
// process, and against Postfix's smtp-source with as many bytes into the same sink.
// node bench/notices.ts [--notices=N] [--connections=N] [--rounds=N]
import { type ChildProcess, execFile, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { promisify } from "node:util";
import { createTransport } from "nodemailer";
import { z } from "zod";
import type { Context } from "../src/db/context.ts";
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
import { type BenchResult, median, option, programOf, secondsOf } from "./bench.ts";

const count = option("notices", 20_000);
const connections = option("connections", 10);
const rounds = option("rounds", 5);
const LANGUAGES = ["en", "en", "fr", "ja"];

type Sink = { readonly child: ChildProcess; readonly port: number };
type Rates = {
  readonly ours: number[];
  readonly nodemailer: number[];
  readonly smtpSource: number[];
  readonly provider: number[];
};

export async function run(): Promise<BenchResult[]> {
  const sink = await startSink();
  try {
    await using t = await testContext();
    const provider = { connections, tls: "offered" };
    const { organisation } = mailContext(t.dir, sink.port, { provider });
    return resultsOf(await measure({ ...t.ctx, organisation }, sink));
  } finally {
    sink.child.disconnect();
  }
}

async function measure(ctx: Context, sink: Sink): Promise<Rates> {
  const messages = built();
  const rates: Rates = { ours: [], nodemailer: [], smtpSource: [], provider: [] };
  const smtpSource = programOf("smtp-source");
  await throughTheEngine(ctx); // warms up
  for (let round = 0; round < rounds; round += 1) {
    rates.ours.push(await throughTheEngine(ctx));
    rates.nodemailer.push(await throughNodemailer(messages, sink.port));
    rates.provider.push(await throughTheProvider(ctx, messages));
    if (smtpSource !== undefined) {
      rates.smtpSource.push(await throughSmtpSource(smtpSource, messages, sink.port));
    }
  }
  return rates;
}

async function startSink(): Promise<Sink> {
  const child = fork(new URL("smtp-sink.ts", import.meta.url));
  const [{ port }] = z
    .tuple([z.object({ port: z.int() })])
    .parse((await once(child, "message")).slice(0, 1));
  return { child, port };
}

function personOf(n: number): NoticePerson {
  const exposed = [
    exposure("user.account.username"),
    ...(n % 3 === 0 ? [exposure("user.authorization.password", { detail: "bcrypt" })] : []),
    ...(n % 4 === 0 ? [exposure("token.github")] : []),
  ];
  return noticePerson({
    to: `user${n}@example.org`,
    name: `Jo Doe ${n}`,
    language: LANGUAGES[n % 4] ?? "en",
    accounts: [{ account: String(n), username: `user${n}`, exposed }],
  });
}

function built(): Message[] {
  const kit = noticeKit(noticeSettings(), Buffer.alloc(32, 1));
  return Array.from({ length: count }, (_, n) => {
    const sending = { run: "bench", step: 0, subject: String(n), date: new Date(0) };
    const rendered = kit.build(personOf(n), sending);
    if ("message" in rendered) return rendered.message;
    throw new Error("a notice of the bench has an empty placeholder");
  });
}

async function throughTheEngine(ctx: Context): Promise<number> {
  const id = randomUUID();
  const settings = z.json().parse(noticeSettings());
  await write(ctx, "plans:apply", async (tx) => {
    const step = { name: "notices", kind: "notice", settings, after: [], chunkSize: 1_000 };
    await createRun(tx, { run: id, incident: "test-incident", plan: "bench", steps: [step] });
    const tasks = Array.from({ length: count }, (_, n) => ({
      key: randomUUID(),
      payload: z.json().parse(personOf(n)),
    }));
    await loadTasks(tx, { run: id, step: 0, tasks: [tasks] });
    return { result: undefined, entry: { kind: "plan.applied", body: { run: id } } };
  });
  const took = await secondsOf(() => work(ctx, [noticeHandler], { until: "idle", run: id }));
  const [step] = (await runProgress(ctx, { run: id })).steps;
  if (step?.done !== count) throw new Error(`${step?.done ?? 0} of ${count} done`);
  return count / took;
}

async function throughNodemailer(messages: readonly Message[], port: number): Promise<number> {
  const transport = createTransport({
    host: "127.0.0.1",
    port,
    pool: true,
    maxConnections: connections,
    maxMessages: Infinity,
    ignoreTLS: true,
  });
  const took = await secondsOf(() =>
    inLanes(messages, ({ from, to, data }) =>
      transport.sendMail({ envelope: { from, to }, raw: data }),
    ),
  );
  transport.close();
  return count / took;
}

async function throughTheProvider(ctx: Context, messages: readonly Message[]): Promise<number> {
  await using opened = await openProvider(ctx, "sink");
  return count / (await secondsOf(() => inLanes(messages, (message) => opened.hand(message))));
}

/** Twice as many at a time as there are lines, as the engine does it: a line that is free finds the next. */
async function inLanes(
  messages: readonly Message[],
  job: (message: Message) => Promise<unknown>,
): Promise<void> {
  const left = messages.values();
  const lane = async (): Promise<void> => {
    for (const message of left) await job(message);
  };
  await Promise.all(Array.from({ length: connections * 2 }, lane));
}

// -d: many messages a connection. What it sends is of the same length, but the same each time.
async function throughSmtpSource(
  program: string,
  messages: readonly Message[],
  port: number,
): Promise<number> {
  const bytes = Math.round(messages.reduce((sum, { data }) => sum + data.length, 0) / count);
  const args = ["-d", "-s", String(connections), "-m", String(count), "-l", String(bytes)];
  const to = ["-f", "privacy@example.cloud", "-t", "user@example.org", `inet:127.0.0.1:${port}`];
  return count / (await secondsOf(() => promisify(execFile)(program, [...args, ...to])));
}

function resultsOf({ ours, nodemailer, smtpSource, provider }: Rates): BenchResult[] {
  const own = {
    name: "notices: rendered, sent and in the ledger",
    unit: "notices/s",
    ours,
    limitedBy: "one Node thread: rendering, SMTP and the ledger's members take turns on it",
  };
  const toNodemailer = median(ours) / median(nodemailer);
  const results: BenchResult[] = [
    {
      ...own,
      peer: { name: "nodemailer alone", values: nodemailer },
      ratio: toNodemailer,
      target: "at least 0.8 of nodemailer alone",
      ok: toNodemailer >= 0.8,
    },
    {
      ...own,
      name: "mail: our lines alone, nothing rendered or recorded",
      unit: "messages/s",
      ours: provider,
      peer: { name: "nodemailer alone", values: nodemailer },
      ratio: median(provider) / median(nodemailer),
      target: "at least nodemailer's",
      ok: median(provider) >= median(nodemailer),
      limitedBy: "system calls on one Node thread",
    },
  ];
  const reason = smtpSource.length === 0 ? " (smtp-source is not installed)" : "";
  const peer = { name: `smtp-source, one message over and over${reason}`, values: smtpSource };
  const ratio = reason === "" ? median(ours) / median(smtpSource) : Number.NaN;
  return [...results, { ...own, peer, ratio, target: "as near as can be had", ok: true }];
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await run(), null, 2)}\n`);
