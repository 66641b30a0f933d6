import assert from "node:assert/strict";
import { test } from "node:test";
import { mailContext } from "../../test/support/mail-context.ts";
import { rawSmtp, type RawSmtpOptions, type Stage } from "../../test/support/raw-smtp.ts";
import type { Handed } from "./handed.ts";
import { openProvider } from "./provider.ts";
import type { Message } from "./message.ts";

const HEAD = "From: security@example.cloud\r\nTo: a@example.org\r\nSubject: x\r\n\r\n";

function message(body = "hello\r\n", to = "a@example.org"): Message {
  return {
    id: "1@example.cloud",
    from: "security@example.cloud",
    to,
    data: Buffer.from(HEAD + body),
  };
}

async function handOnce(
  options: RawSmtpOptions,
  sent: Message = message(),
): Promise<{ handed: Handed; taken: readonly Buffer[]; lines: number }> {
  await using sink = await rawSmtp(options);
  const t = mailContext("/nowhere", sink.port);
  await using provider = await openProvider(t, "sink", {
    timeoutMs: options.silentAt ? 300 : 10_000,
  });
  const handed = await provider.hand(sent);
  return { handed, taken: sink.taken, lines: sink.lines() };
}

const big = message(`${"x".repeat(70)}\r\n`.repeat(60_000));

const CUTS: readonly { cutAt: Stage; sent?: Message; becomes: Handed; taken?: number }[] = [
  { cutAt: "connect", becomes: { kind: "unreachable", reason: "connection", retryable: true } },
  { cutAt: "ehlo", becomes: { kind: "unreachable", reason: "connection", retryable: true } },
  { cutAt: "mail", becomes: { kind: "deferred", reason: "line-lost" } },
  { cutAt: "rcpt", becomes: { kind: "deferred", reason: "line-lost" } },
  { cutAt: "data", becomes: { kind: "deferred", reason: "line-lost" } },
  { cutAt: "body", sent: big, becomes: { kind: "deferred", reason: "line-lost" } },
  { cutAt: "body", becomes: { kind: "unknown", reason: "line-lost" } },
  { cutAt: "dot", becomes: { kind: "unknown", reason: "line-lost" } },
  { cutAt: "dot", sent: big, becomes: { kind: "unknown", reason: "line-lost" } },
  {
    cutAt: "after-dot",
    becomes: { kind: "accepted", reply: { code: 250, status: "2.0.0" } },
    taken: 1,
  },
];

for (const { cutAt, sent, becomes, taken = 0 } of CUTS) {
  const size = sent === big ? "a large" : "a small";
  test(`a line cut at ${cutAt} makes ${size} message ${becomes.kind}`, async () => {
    const result = await handOnce({ cutAt, extensions: ["SIZE 10000000"] }, sent);
    assert.deepEqual(result.handed, becomes);
    assert.equal(result.taken.length, taken);
  });
  test(`the same holds with pipelining: ${cutAt}, ${size} message`, async () => {
    const result = await handOnce({ cutAt, extensions: ["PIPELINING", "SIZE 10000000"] }, sent);
    assert.deepEqual(result.handed, becomes);
  });
}

const REPLIES: readonly { at: "mail" | "rcpt" | "data" | "dot"; reply: string; becomes: Handed }[] =
  [
    {
      at: "rcpt",
      reply: "550 5.1.1 no such user",
      becomes: { kind: "refused", reason: "reply-550", reply: { code: 550, status: "5.1.1" } },
    },
    {
      at: "rcpt",
      reply: "450 4.2.0 greylisted",
      becomes: { kind: "deferred", reason: "reply-450", reply: { code: 450, status: "4.2.0" } },
    },
    {
      at: "mail",
      reply: "452 4.3.1 disk full",
      becomes: { kind: "deferred", reason: "reply-452", reply: { code: 452, status: "4.3.1" } },
    },
    {
      at: "mail",
      reply: "552 5.3.4 too large",
      becomes: { kind: "refused", reason: "reply-552", reply: { code: 552, status: "5.3.4" } },
    },
    {
      at: "mail",
      reply: "550 5.7.1 account suspended",
      becomes: {
        kind: "unreachable",
        reason: "sender",
        retryable: true,
        reply: { code: 550, status: "5.7.1" },
      },
    },
    {
      at: "mail",
      reply: "530 5.7.0 authenticate first",
      becomes: {
        kind: "unreachable",
        reason: "auth",
        retryable: true,
        reply: { code: 530, status: "5.7.0" },
      },
    },
    {
      at: "data",
      reply: "451 4.7.1 later",
      becomes: { kind: "deferred", reason: "reply-451", reply: { code: 451, status: "4.7.1" } },
    },
    {
      at: "dot",
      reply: "554 5.7.1 content refused",
      becomes: { kind: "refused", reason: "reply-554", reply: { code: 554, status: "5.7.1" } },
    },
    {
      at: "dot",
      reply: "451 4.3.0 try later",
      becomes: { kind: "deferred", reason: "reply-451", reply: { code: 451, status: "4.3.0" } },
    },
    {
      at: "dot",
      reply: "421 4.3.2 shutting down",
      becomes: { kind: "deferred", reason: "reply-421", reply: { code: 421, status: "4.3.2" } },
    },
    { at: "dot", reply: "what was that", becomes: { kind: "unknown", reason: "line-lost" } },
  ];

for (const { at, reply, becomes } of REPLIES) {
  test(`"${reply}" to ${at} makes the message ${becomes.kind}`, async () => {
    const result = await handOnce({ replies: { [at]: reply } });
    assert.deepEqual(result.handed, becomes);
    assert.equal(result.taken.length, 0);
  });
}

test("a far side that stays silent after the final dot leaves the message unknown", async () => {
  const { handed } = await handOnce({ silentAt: "dot" });
  assert.deepEqual(handed, { kind: "unknown", reason: "no-reply" });
});

test("a far side that stays silent before leaves it to be tried again", async () => {
  const { handed } = await handOnce({ silentAt: "data" });
  assert.deepEqual(handed, { kind: "deferred", reason: "no-reply" });
});

test("a refused recipient does not spoil the line for the next message", async () => {
  await using sink = await rawSmtp({ replies: { rcpt: "550 5.1.1 no such user" }, times: 1 });
  const t = mailContext("/nowhere", sink.port, { provider: { connections: 1 } });
  await using provider = await openProvider(t, "sink");
  assert.equal((await provider.hand(message())).kind, "refused");
  assert.equal((await provider.hand(message())).kind, "accepted");
  assert.equal(sink.lines(), 1);
});

test("a kept line that the far side has given up costs no try: a new one carries the message", async () => {
  await using sink = await rawSmtp({ cutAt: "mail", cuts: 0 });
  const t = mailContext("/nowhere", sink.port, { provider: { connections: 1 } });
  await using provider = await openProvider(t, "sink");
  assert.equal((await provider.hand(message())).kind, "accepted");
  await using again = await rawSmtp({ cutAt: "after-dot" });
  const u = mailContext("/nowhere", again.port, { provider: { connections: 1 } });
  await using closing = await openProvider(u, "sink");
  for (let n = 0; n < 3; n += 1) assert.equal((await closing.hand(message())).kind, "accepted");
  assert.equal(again.taken.length, 3);
});

test("many messages share the lines that the organisation allows, and each arrives once", async () => {
  await using sink = await rawSmtp();
  const t = mailContext("/nowhere", sink.port, { provider: { connections: 3 } });
  {
    await using provider = await openProvider(t, "sink");
    const bodies = Array.from({ length: 60 }, (_, n) => message(`number ${n}\r\n`));
    const handed = await Promise.all(bodies.map(async (one) => await provider.hand(one)));
    assert.ok(handed.every(({ kind }) => kind === "accepted"));
  }
  assert.equal(sink.lines(), 3);
  assert.equal(new Set(sink.taken.map(String)).size, 60);
  assert.equal(sink.commands.filter((line) => line === "QUIT").length, 3);
});

test("draining waits for what is on the way and takes nothing new", async () => {
  await using sink = await rawSmtp();
  const t = mailContext("/nowhere", sink.port);
  const provider = await openProvider(t, "sink");
  const going = [1, 2, 3, 4, 5].map(async () => await provider.hand(message()));
  await provider[Symbol.asyncDispose]();
  assert.deepEqual(
    (await Promise.all(going)).map(({ kind }) => kind),
    Array(5).fill("accepted"),
  );
  assert.deepEqual(await provider.hand(message()), {
    kind: "unreachable",
    reason: "closed",
    retryable: true,
  });
});

test("lines that begin with dots, and bytes above 127, arrive as they were", async () => {
  const body = ".\r\n..\r\n.hidden\r\nfin\u00e9\r\n";
  const { taken } = await handOnce({}, message(body));
  assert.equal(String(taken[0]), HEAD + body);
});

test("where the server reports deliveries, what comes back is to name the message and to leave its content away", async () => {
  for (const [extensions, asked] of [
    [["DSN"], true],
    [[], false],
  ] as const) {
    await using sink = await rawSmtp({ extensions });
    await using provider = await openProvider(mailContext("/nowhere", sink.port), "sink");
    const sent = message("x\r\n");
    await provider.hand(sent);
    const mail = sink.commands.find((one) => one.startsWith("MAIL")) ?? "";
    assert.equal(mail.includes("RET=HDRS"), asked);
    assert.equal(mail.includes(`ENVID=${sent.id}`), asked);
  }
});

test("an address that would end a command is not one", async () => {
  for (const to of [
    "a@b\r\nRCPT TO:<c@d>",
    "a b@c.d",
    "<a@b.c>",
    "a@",
    "@b",
    "a@b..c",
    "a\u202e@b.c",
  ]) {
    const { handed, taken } = await handOnce({}, message("x\r\n", to));
    assert.deepEqual(handed, { kind: "unreachable", reason: "address", retryable: false });
    assert.equal(taken.length, 0);
  }
});

test("an international local part goes where SMTPUTF8 is offered and is unreachable elsewhere", async () => {
  const to = "用户@例え.jp";
  await using offers = await rawSmtp({ extensions: ["PIPELINING", "SMTPUTF8", "8BITMIME"] });
  const t = mailContext("/nowhere", offers.port);
  await using provider = await openProvider(t, "sink");
  assert.equal((await provider.hand(message("x\r\n", to))).kind, "accepted");
  assert.ok(offers.commands.some((line) => line === "RCPT TO:<用户@xn--r8jz45g.jp>"));
  assert.ok(offers.commands.some((line) => line.endsWith("SMTPUTF8")));
  const { handed } = await handOnce({ extensions: ["PIPELINING"] }, message("x\r\n", to));
  assert.deepEqual(handed, { kind: "unreachable", reason: "smtputf8", retryable: false });
});

test("where TLS is required and STARTTLS was stripped, nothing is sent", async () => {
  await using sink = await rawSmtp({ extensions: ["PIPELINING"] });
  const t = mailContext("/nowhere", sink.port, { provider: { tls: "required" } });
  await using provider = await openProvider(t, "sink");
  const handed = await provider.hand(message());
  assert.equal(handed.kind, "unreachable");
  assert.ok(handed.kind === "unreachable" && handed.reason === "tls" && handed.retryable);
  assert.deepEqual(
    sink.commands.filter((line) => line.startsWith("MAIL")),
    [],
  );
});

test("a port where nobody listens, and a host that does not exist, are told apart", async () => {
  const gone = await rawSmtp();
  await gone[Symbol.asyncDispose]();
  const t = mailContext("/nowhere", gone.port);
  await using provider = await openProvider(t, "sink");
  assert.deepEqual(await provider.hand(message()), {
    kind: "unreachable",
    reason: "connection",
    retryable: true,
  });
  const u = mailContext("/nowhere", 25, { provider: { smtp: "smtp://no-such-host.invalid:25" } });
  await using nowhere = await openProvider(u, "sink");
  assert.deepEqual(await nowhere.hand(message()), {
    kind: "unreachable",
    reason: "host",
    retryable: true,
  });
});
