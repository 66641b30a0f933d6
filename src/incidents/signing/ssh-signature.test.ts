import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { parseAllowedSigners, requireSigner } from "./allowed-signers.ts";
import { makeSigningKey, signWithKeyFile } from "./ssh-key.ts";
import { fingerprint, signedData, verifySshSignature } from "./ssh-signature.ts";
import { armour, wireString, wireUint32 } from "./ssh-wire.ts";

const hasSshKeygen = spawnSync("ssh-keygen", ["-?"]).error === undefined;
const NEEDS = "ssh-keygen is not here: apt-get install openssh-client";

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "tocsin-ssh-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

test("a signature made by our own key file verifies, and of another message does not", async (t) => {
  const dir = await folder(t);
  const line = await makeSigningKey(join(dir, "key"), "dana");
  const signature = await signWithKeyFile(join(dir, "key"), "plan 1\n", "tocsin");
  const verified = verifySshSignature(signature, "plan 1\n", "tocsin");
  assert.equal(verified.publicKey.toString("base64"), line.split(" ")[1]);
  assert.throws(() => verifySshSignature(signature, "plan 2\n", "tocsin"), { code: "refused" });
  assert.throws(() => verifySshSignature(signature, "plan 1\n", "file"), { code: "refused" });
});

for (const [type, bits] of [
  ["ed25519", "256"],
  ["ecdsa", "256"],
  ["ecdsa", "384"],
  ["ecdsa", "521"],
  ["rsa", "3072"],
] as const) {
  test(
    `a signature of ssh-keygen with ${type} ${bits} verifies`,
    { skip: hasSshKeygen ? false : NEEDS },
    async (t) => {
      const dir = await folder(t);
      execFileSync("ssh-keygen", ["-q", "-t", type, "-b", bits, "-N", "", "-f", join(dir, "key")]);
      await writeFile(join(dir, "message"), "plan 1\n");
      execFileSync("ssh-keygen", [
        "-q",
        "-Y",
        "sign",
        "-n",
        "tocsin",
        "-f",
        join(dir, "key"),
        join(dir, "message"),
      ]);
      const signature = await readFile(join(dir, "message.sig"), "utf8");
      const verified = verifySshSignature(signature, "plan 1\n", "tocsin");
      const listed = execFileSync("ssh-keygen", ["-l", "-f", join(dir, "key.pub")], {
        encoding: "utf8",
      });
      assert.ok(listed.includes(verified.fingerprint));
      assert.throws(() => verifySshSignature(signature, "plan 2\n", "tocsin"), { code: "refused" });
    },
  );
}

test(
  "ssh-keygen verifies what our key file signed",
  { skip: hasSshKeygen ? false : NEEDS },
  async (t) => {
    const dir = await folder(t);
    const line = await makeSigningKey(join(dir, "key"), "dana");
    await writeFile(join(dir, "allowed"), `dana@example.cloud ${line}\n`);
    await writeFile(
      join(dir, "sig"),
      await signWithKeyFile(join(dir, "key"), "plan 1\n", "tocsin"),
    );
    const args = [
      "-Y",
      "verify",
      "-f",
      join(dir, "allowed"),
      "-I",
      "dana@example.cloud",
      "-n",
      "tocsin",
      "-s",
      join(dir, "sig"),
    ];
    const result = spawnSync("ssh-keygen", args, { input: "plan 1\n", encoding: "utf8" });
    assert.equal(result.status, 0, result.stderr);
  },
);

test("a flipped byte anywhere in a signature is never accepted", async (t) => {
  const dir = await folder(t);
  await makeSigningKey(join(dir, "key"), "dana");
  const good = await signWithKeyFile(join(dir, "key"), "plan 1\n", "tocsin");
  const bytes = Buffer.from(good.split("\n").slice(1, -2).join(""), "base64");
  const honest = verifySshSignature(good, "plan 1\n", "tocsin").fingerprint;
  for (let at = 0; at < bytes.length; at++) {
    const bad = Buffer.from(bytes);
    bad[at] = (bad[at] ?? 0) ^ 1;
    const armoured = `-----BEGIN SSH SIGNATURE-----\n${bad.toString("base64")}\n-----END SSH SIGNATURE-----\n`;
    assert.throws(() =>
      assert.equal(verifySshSignature(armoured, "plan 1\n", "tocsin").fingerprint, honest),
    );
  }
});

test("a key counts only for its own person, in its namespace, in its time", async (t) => {
  const dir = await folder(t);
  const dana = await makeSigningKey(join(dir, "dana"), "dana");
  const publicKey = Buffer.from(dana.split(" ")[1] ?? "", "base64");
  assert.match(fingerprint(publicKey), /^SHA256:/);
  const at = new Date("2026-03-01T00:00:00Z");
  const allow = (line: string) => parseAllowedSigners(line, "allowed_signers").signers;
  const wanted = { person: "dana@example.cloud", publicKey, namespace: "tocsin", at };
  assert.equal(requireSigner(allow(`# people\n\n*@example.cloud,!eve@* ${dana}`), wanted).line, 3);
  const refusals = [
    `sam@example.cloud ${dana}`,
    `*@example.cloud,!dana@* ${dana}`,
    `dana@example.cloud namespaces="git" ${dana}`,
    `dana@example.cloud valid-before="20260101Z" ${dana}`,
    `dana@example.cloud valid-after="20270101Z" ${dana}`,
  ];
  for (const line of refusals)
    assert.throws(() => requireSigner(allow(line), wanted), { code: "refused" }, line);
});

test("a line that cannot be used is said with its place", () => {
  const { signers, problems } = parseAllowedSigners(
    "nonsense\na@b cert-authority ssh-ed25519 AAAA\n",
    "allowed_signers",
  );
  assert.equal(signers.length, 0);
  assert.deepEqual(
    problems.map((problem) => problem.at),
    ["allowed_signers:1:1", "allowed_signers:2:1"],
  );
});

test("a hardware key's signature counts only when the key was touched", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const type = "sk-ssh-ed25519@openssh.com";
  const point = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const blob = Buffer.concat([wireString(type), wireString(point), wireString("ssh:")]);
  const sha = (hash: string, of: string | Uint8Array) => createHash(hash).update(of).digest();
  const reserved = Buffer.alloc(0);
  const signed = signedData({
    namespace: "tocsin",
    reserved,
    hash: "sha512",
    digest: sha("sha512", "plan 1\n"),
  });
  const make = (flags: number) => {
    const tail = Buffer.concat([Buffer.from([flags]), wireUint32(7)]);
    const raw = sign(
      null,
      Buffer.concat([sha("sha256", "ssh:"), tail, sha("sha256", signed)]),
      privateKey,
    );
    const signature = Buffer.concat([wireString(type), wireString(raw), tail]);
    const fields = [blob, "tocsin", "", "sha512", signature].map((field) => wireString(field));
    return armour(
      Buffer.concat([Buffer.from("SSHSIG"), wireUint32(1), ...fields]),
      "SSH SIGNATURE",
    );
  };
  assert.equal(verifySshSignature(make(1), "plan 1\n", "tocsin").touched, true);
  assert.throws(() => verifySshSignature(make(0), "plan 1\n", "tocsin"), /not touched/);
});
