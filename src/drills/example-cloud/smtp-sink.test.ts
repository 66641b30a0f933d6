import assert from "node:assert/strict";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import nodemailer from "nodemailer";
import { openMessageStore, readMessages } from "./message-store.ts";
import { openSmtpSink, type SinkInput } from "./smtp-sink.ts";

async function withSink(
  options: Partial<SinkInput>,
  use: (sink: Awaited<ReturnType<typeof openSmtpSink>>, path: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-sink-"));
  const path = join(folder, "messages");
  const settings = {
    name: "sink",
    user: "u",
    password: "p",
    path,
    dead: new Set<string>(),
    deferOneIn: 0,
    cutOneIn: 0,
    lookupToken: "t",
  };
  const sink = await openSmtpSink({ ...settings, ...options });
  try {
    await use(sink, path);
  } finally {
    await sink.close();
    await rm(folder, { recursive: true });
  }
}

async function send(port: number, to: string, messageId = "<1@a.example>"): Promise<number> {
  const transport = nodemailer.createTransport({
    host: "127.0.0.1",
    port,
    ignoreTLS: true,
    auth: { user: "u", pass: "p" },
  });
  try {
    await transport.sendMail({
      from: "a@a.example",
      to,
      subject: "größer",
      text: "hello",
      messageId,
    });
    return 250;
  } catch (error) {
    return error instanceof Error && "responseCode" in error ? Number(error.responseCode) : 0;
  } finally {
    transport.close();
  }
}

test("a dead mailbox is refused, in any spelling, and the living have their message on disk", async () => {
  await withSink({ dead: new Set(["janedoe@gmail.com"]) }, async (sink, path) => {
    assert.equal(await send(sink.port, "Jane.Doe@GMail.com"), 550);
    assert.equal(await send(sink.port, "jane@freemail.example"), 250);
    const stored: string[] = [];
    for await (const { message } of readMessages(path)) stored.push(...message.to);
    assert.deepEqual(stored, ["jane@freemail.example"]);
  });
});

test("a greylisted recipient is taken the second time", async () => {
  await withSink({ deferOneIn: 2 }, async (sink) => {
    const addresses = Array.from({ length: 12 }, (_, n) => `x${n}@freemail.example`);
    const first = await Promise.all(
      addresses.map(async (to, n) => await send(sink.port, to, `<${n}@a.example>`)),
    );
    assert.deepEqual(
      [...new Set(first)].toSorted((a, b) => a - b),
      [250, 451],
    );
    const again = addresses.filter((_, n) => first[n] === 451);
    for (const to of again) assert.equal(await send(sink.port, to, `<again-${to}>`), 250);
  });
});

test("a message whose line was cut can be asked for by its Message-ID, and only with the token", async () => {
  await withSink({ cutOneIn: 1 }, async (sink) => {
    assert.equal(await send(sink.port, "jane@freemail.example", "<cut@a.example>"), 0);
    const ask = async (id: string, token: string): Promise<number> => {
      const answer = await fetch(`${sink.lookup}/messages/${encodeURIComponent(id)}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return answer.status;
    };
    assert.equal(await ask("<cut@a.example>", "t"), 200);
    assert.equal(await ask("cut@a.example", "t"), 200);
    assert.equal(await ask("other@a.example", "t"), 404);
    assert.equal(await ask("cut@a.example", "x"), 401);
  });
});

test("half a record at the end is cut off when the store is opened again, and the rest is known", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-store-"));
  try {
    const path = join(folder, "messages");
    const message = {
      sink: "s",
      at: "2026-01-01T00:00:00.000Z",
      from: "a@a.example",
      to: ["b@b.example"],
      messageId: "1@a.example",
    };
    const store = await openMessageStore(path);
    await Promise.all(
      [1, 2, 3].map(
        async (n) =>
          await store.keep({ ...message, messageId: `${n}@a.example` }, Buffer.from(`body ${n}`)),
      ),
    );
    store.close();
    await appendFile(path, Buffer.from([9, 0, 0, 0, 9, 0, 0, 0, 1]));
    const again = await openMessageStore(path);
    await again.keep({ ...message, messageId: "4@a.example" }, Buffer.from("body 4"));
    again.close();
    const bodies: string[] = [];
    for await (const { raw } of readMessages(path)) bodies.push(raw.toString());
    assert.deepEqual(bodies, ["body 1", "body 2", "body 3", "body 4"]);
    assert.ok(again.has("2@a.example") && !again.has("5@a.example"));
  } finally {
    await rm(folder, { recursive: true });
  }
});
