import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { SMTPServer } from "smtp-server";
import { mailContext } from "../../test/support/mail-context.ts";
import { openProvider } from "./provider.ts";

const dir = mkdtempSync(join(tmpdir(), "tocsin-tls-"));
after(() => {
  rmSync(dir, { recursive: true, force: true });
});

type Sink = AsyncDisposable & {
  readonly port: number;
  readonly users: string[];
  secure(): number;
  taken(): number;
};

/** nodemailer's own server, with a certificate that `openssl` makes for the name given. */
async function tlsSink(options: { implicit: boolean; name: string }): Promise<Sink> {
  const { cert, key } = certificateFor(options.name);
  const users: string[] = [];
  const seen = { secure: 0, taken: 0 };
  const server = new SMTPServer({
    secure: options.implicit,
    cert,
    key,
    authMethods: ["PLAIN", "LOGIN"],
    onAuth: (auth, _session, done) => {
      users.push(`${auth.username}:${auth.password}`);
      if (auth.password === "right") done(null, { user: auth.username });
      else done(new Error("no"));
    },
    onData: (stream, session, done) => {
      stream.resume();
      stream.on("end", () => {
        seen.taken += 1;
        if (session.secure) seen.secure += 1;
        done();
      });
    },
  });
  server.on("error", () => {});
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  const address = listening.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    users,
    secure: () => seen.secure,
    taken: () => seen.taken,
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

function certificateFor(name: string): { cert: Buffer; key: Buffer } {
  const [certFile, keyFile] = [join(dir, `${name}.crt`), join(dir, `${name}.key`)];
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  const make = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "2",
  ];
  execFileSync("openssl", [...make, "-keyout", keyFile, "-out", certFile, ...subject], {
    stdio: "ignore",
  });
  return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
}

const message = {
  id: "1@example.cloud",
  from: "security@example.cloud",
  to: "a@example.org",
  data: Buffer.from("Subject: x\r\n\r\nhello\r\n"),
};

for (const implicit of [true, false]) {
  const scheme = implicit ? "smtps" : "smtp";
  test(`${scheme}: signs in over TLS, and only a certificate for that name will do`, async () => {
    await using good = await tlsSink({ implicit, name: "localhost" });
    const smtp = `${scheme}://robot:right@localhost:${good.port}`;
    const ctx = mailContext(dir, 1, {
      provider: { smtp, tls: "required", ca_file: "localhost.crt" },
    });
    await using provider = await openProvider(ctx, "sink");
    assert.equal(await provider.probe(), "ready");
    assert.equal((await provider.hand(message)).kind, "accepted");
    assert.deepEqual([good.secure(), good.users.at(-1)], [1, "robot:right"]);

    await using wrong = await tlsSink({ implicit, name: "elsewhere.example" });
    const there = `${scheme}://robot:right@localhost:${wrong.port}`;
    const misled = mailContext(dir, 1, {
      provider: {
        smtp: there,
        tls: "required",
        ca_file: "elsewhere.example.crt",
      },
    });
    await using other = await openProvider(misled, "sink", { timeoutMs: 3_000 });
    assert.deepEqual(await other.hand(message), {
      kind: "unreachable",
      reason: "tls",
      retryable: true,
    });
    assert.deepEqual([wrong.taken(), wrong.users], [0, []]);
  });
}

test("a wrong password is the provider's affair, not the recipient's", async () => {
  await using sink = await tlsSink({ implicit: true, name: "localhost" });
  const smtp = `smtps://robot:wrong@localhost:${sink.port}`;
  const ctx = mailContext(dir, 1, {
    provider: { smtp, tls: "required", ca_file: "localhost.crt" },
  });
  await using provider = await openProvider(ctx, "sink");
  const handed = await provider.hand(message);
  assert.ok(handed.kind === "unreachable" && handed.reason === "auth" && handed.retryable);
});

test("a certificate file or a DKIM key that is none is refused before anything is sent", async () => {
  writeFileSync(join(dir, "not-a-key"), "hello");
  const dkim = { domain: "example.cloud", selector: "s1", key_file: "not-a-key" };
  const ctx = mailContext(dir, 1, { mail: { dkim } });
  await assert.rejects(openProvider(ctx, "sink"), { code: "invalid" });
  const missing = mailContext(dir, 1, { provider: { ca_file: "nowhere.pem" } });
  await assert.rejects(openProvider(missing, "sink"), { code: "invalid" });
  await assert.rejects(openProvider(ctx, "nobody"), { code: "not_found" });
});
