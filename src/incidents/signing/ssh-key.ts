// OpenSSH's private key file (PROTOCOL.key), ed25519 without a passphrase: for machines that have no ssh-keygen.
import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { TocsinError } from "../../core/errors.ts";
import { signedData } from "./ssh-signature.ts";
import { armour, unarmour, WireReader, wireString, wireUint32 } from "./ssh-wire.ts";

const MAGIC = Buffer.from("openssh-key-v1\0");
const TYPE = "ssh-ed25519";

/**
 * Writes a new key to `path` (0600) and `path.pub`, as `ssh-keygen -t ed25519 -N ''` does.
 * @returns the public line, `ssh-ed25519 AAAA… comment`
 */
export async function makeSigningKey(path: string, comment: string): Promise<string> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const jwk = privateKey.export({ format: "jwk" });
  const seed = Buffer.from(jwk.d ?? "", "base64url");
  const point = Buffer.from(jwk.x ?? "", "base64url");
  const publicBlob = Buffer.concat([wireString(TYPE), wireString(point)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([
    check,
    check,
    wireString(TYPE),
    wireString(point),
    wireString(Buffer.concat([seed, point])),
    wireString(comment),
  ]);
  const padding = Buffer.from(
    Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, n) => n + 1),
  );
  const file = Buffer.concat([
    MAGIC,
    wireString("none"),
    wireString("none"),
    wireString(""),
    wireUint32(1),
    wireString(publicBlob),
    wireString(Buffer.concat([secret, padding])),
  ]);
  const line = `${TYPE} ${publicBlob.toString("base64")} ${comment}`;
  await writeFile(path, armour(file, "OPENSSH PRIVATE KEY"), { mode: 0o600, flag: "wx" });
  await writeFile(`${path}.pub`, `${line}\n`, { flag: "wx" });
  return line;
}

/**
 * Signs as `ssh-keygen -Y sign -n NAMESPACE -f PATH` does, and gives the armoured signature.
 * @throws TocsinError `invalid` for a key with a passphrase, in hardware, or of another type: those need ssh-keygen
 */
export async function signWithKeyFile(
  path: string,
  message: string,
  namespace: string,
): Promise<string> {
  const { seed, publicBlob } = readPrivateKey(await readFile(path, "utf8"), path);
  const point = publicBlob.subarray(-32).toString("base64url");
  const key = createPrivateKey({
    key: { kty: "OKP", crv: "Ed25519", d: seed.toString("base64url"), x: point },
    format: "jwk",
  });
  const digest = createHash("sha512").update(message).digest();
  const signature = sign(
    null,
    signedData({ namespace, reserved: Buffer.alloc(0), hash: "sha512", digest }),
    key,
  );
  const blob = Buffer.concat([
    Buffer.from("SSHSIG"),
    wireUint32(1),
    wireString(publicBlob),
    wireString(namespace),
    wireString(""),
    wireString("sha512"),
    wireString(Buffer.concat([wireString(TYPE), wireString(signature)])),
  ]);
  return armour(blob, "SSH SIGNATURE");
}

function readPrivateKey(text: string, path: string): { seed: Buffer; publicBlob: Buffer } {
  const needsTool = () =>
    new TocsinError(
      "invalid",
      `${path} needs ssh-keygen to sign with (install it: apt-get install openssh-client)`,
    );
  const reader = new WireReader(unarmour(text, "OPENSSH PRIVATE KEY"));
  if (!reader.bytes(MAGIC.length).equals(MAGIC))
    throw new TocsinError("invalid", `${path} is no OpenSSH private key`);
  const cipher = reader.text();
  reader.string();
  reader.string();
  if (cipher !== "none" || reader.uint32() !== 1) throw needsTool();
  const publicBlob = reader.string();
  const secret = new WireReader(reader.string());
  if (secret.uint32() !== secret.uint32()) throw new TocsinError("invalid", `${path} is damaged`);
  if (secret.text() !== TYPE) throw needsTool();
  secret.string();
  return { seed: secret.string().subarray(0, 32), publicBlob };
}
