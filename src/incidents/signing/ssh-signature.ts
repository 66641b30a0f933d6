// SSHSIG as OpenSSH's PROTOCOL.sshsig and PROTOCOL.u2f have it: what `ssh-keygen -Y sign` makes, verified without it.
import {
  createHash,
  createPublicKey,
  verify,
  type JsonWebKeyInput,
  type KeyObject,
} from "node:crypto";
import { sha256 } from "../../core/digest.ts";
import { TocsinError } from "../../core/errors.ts";
import { unarmour, WireReader, wireString } from "./ssh-wire.ts";

export type SshSignature = {
  /** The public key, in wire form, as it stands in `allowed_signers`. */
  readonly publicKey: Buffer;
  readonly keyType: string;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  readonly namespace: string;
  /** True where a person touched the hardware key. Absent for keys that are files. */
  readonly touched?: boolean;
};

const MAGIC = Buffer.from("SSHSIG");
const HASHES = new Set(["sha256", "sha512"]);
const USER_PRESENT = 0x01;

type SshPublicKey = {
  readonly type: string;
  readonly key: KeyObject;
  /** The relying party of a hardware key (`ssh:`). */
  readonly application?: string;
};

/**
 * Checks that the armoured signature is one of `message` in `namespace`, by the key that it carries. Whether that key
 * belongs to anybody is the caller's question (`allowed-signers.ts`).
 * @throws TocsinError `invalid` for a malformed one, `refused` for one that does not verify
 */
export function verifySshSignature(
  armoured: string,
  message: string,
  namespace: string,
): SshSignature {
  const reader = new WireReader(unarmour(armoured, "SSH SIGNATURE"));
  if (!reader.bytes(MAGIC.length).equals(MAGIC) || reader.uint32() !== 1) {
    throw new TocsinError("invalid", "not an ssh signature of version 1");
  }
  const publicKey = reader.string();
  const signedNamespace = reader.text();
  const reserved = reader.string();
  const hash = reader.text();
  const signature = reader.string();
  if (!HASHES.has(hash) || !reader.ended)
    throw new TocsinError("invalid", "malformed ssh signature");
  if (signedNamespace !== namespace) {
    throw new TocsinError(
      "refused",
      `the signature is for "${signedNamespace}": sign with -n ${namespace}`,
    );
  }
  const digest = createHash(hash).update(message).digest();
  const signed = signedData({ namespace, reserved, hash, digest });
  const key = readPublicKey(publicKey);
  const touched = verifyBlob(key, signed, signature);
  return {
    publicKey,
    keyType: key.type,
    fingerprint: fingerprint(publicKey),
    namespace,
    ...(touched === undefined ? {} : { touched }),
  };
}

/** The bytes that an SSHSIG signature is made over. */
export function signedData(of: {
  namespace: string;
  reserved: Uint8Array;
  hash: string;
  digest: Uint8Array;
}): Buffer {
  return Buffer.concat([
    MAGIC,
    wireString(of.namespace),
    wireString(of.reserved),
    wireString(of.hash),
    wireString(of.digest),
  ]);
}

export function fingerprint(publicKey: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(publicKey).digest("base64").replace(/=+$/, "")}`;
}

function readPublicKey(blob: Uint8Array): SshPublicKey {
  const reader = new WireReader(blob);
  const type = reader.text();
  switch (type) {
    case "ssh-ed25519":
      return { type, key: ed25519(reader) };
    case "sk-ssh-ed25519@openssh.com":
      return { type, key: ed25519(reader), application: reader.text() };
    case "ssh-rsa":
      return { type, key: rsa(reader) };
    case "ecdsa-sha2-nistp256":
    case "ecdsa-sha2-nistp384":
    case "ecdsa-sha2-nistp521":
      return { type, key: ecdsa(reader) };
    case "sk-ecdsa-sha2-nistp256@openssh.com":
      return { type, key: ecdsa(reader), application: reader.text() };
    default:
      throw new TocsinError(
        "invalid",
        `keys of type ${type} cannot approve: use ed25519, ecdsa, rsa or their sk- forms`,
      );
  }
}

function jwk(key: JsonWebKeyInput["key"]): KeyObject {
  return createPublicKey({ key, format: "jwk" });
}

function ed25519(reader: WireReader): KeyObject {
  return jwk({ kty: "OKP", crv: "Ed25519", x: reader.string().toString("base64url") });
}

function rsa(reader: WireReader): KeyObject {
  const e = reader.mpint().toString("base64url");
  const n = reader.mpint();
  if (n.length < 256) throw new TocsinError("refused", "an rsa key below 2048 bits cannot approve");
  return jwk({ kty: "RSA", e, n: n.toString("base64url") });
}

const CURVES: Readonly<Record<string, string>> = {
  nistp256: "P-256",
  nistp384: "P-384",
  nistp521: "P-521",
};

function ecdsa(reader: WireReader): KeyObject {
  const curve = CURVES[reader.text()];
  const point = reader.string();
  const half = (point.length - 1) / 2;
  if (curve === undefined || point[0] !== 4 || !Number.isInteger(half)) {
    throw new TocsinError("invalid", "malformed ecdsa key");
  }
  const [x, y] = [point.subarray(1, 1 + half), point.subarray(1 + half)];
  return jwk({ kty: "EC", crv: curve, x: x.toString("base64url"), y: y.toString("base64url") });
}

const DIGEST_OF: Readonly<Record<string, string | null>> = {
  "ssh-ed25519": null,
  "sk-ssh-ed25519@openssh.com": null,
  "rsa-sha2-256": "sha256",
  "rsa-sha2-512": "sha512",
  "ecdsa-sha2-nistp256": "sha256",
  "ecdsa-sha2-nistp384": "sha384",
  "ecdsa-sha2-nistp521": "sha512",
  "sk-ecdsa-sha2-nistp256@openssh.com": "sha256",
};

/** Returns whether a hardware key was touched; undefined for a key that is a file. */
function verifyBlob(key: SshPublicKey, signed: Buffer, blob: Uint8Array): boolean | undefined {
  const reader = new WireReader(blob);
  const algorithm = reader.text();
  const digest = DIGEST_OF[algorithm];
  const fits =
    algorithm === key.type || (key.type === "ssh-rsa" && algorithm.startsWith("rsa-sha2-"));
  if (digest === undefined || !fits)
    throw new TocsinError("invalid", `no signature of a ${key.type} key`);
  const raw = reader.string();
  const data: Signed =
    key.application === undefined
      ? { bytes: signed }
      : hardwareData(reader, key.application, signed);
  const signature = algorithm.includes("ecdsa") ? derSignature(raw) : raw;
  if (!verify(digest, data.bytes, key.key, signature)) {
    throw new TocsinError(
      "refused",
      "the signature does not verify: it is of another plan, or was changed",
    );
  }
  if (data.touched === false)
    throw new TocsinError("refused", "the hardware key was not touched: sign again and touch it");
  return data.touched;
}

type Signed = { readonly bytes: Buffer; readonly touched?: boolean };

// PROTOCOL.u2f: SHA256(application) || flags || counter || SHA256(message), flags and counter standing after the signature.
function hardwareData(reader: WireReader, application: string, signed: Buffer): Signed {
  const flags = reader.bytes(1);
  const counter = reader.bytes(4);
  const bytes = Buffer.concat([sha256(application), flags, counter, sha256(signed)]);
  return { bytes, touched: ((flags[0] ?? 0) & USER_PRESENT) !== 0 };
}

// SSH has r and s as two mpints, OpenSSL wants them in DER.
function derSignature(raw: Uint8Array): Buffer {
  const reader = new WireReader(raw);
  const numbers = [reader.string(), reader.string()].map((n) =>
    Buffer.concat([Buffer.from([2, n.length]), n]),
  );
  const body = Buffer.concat(numbers);
  const head = body.length < 128 ? [0x30, body.length] : [0x30, 0x81, body.length];
  return Buffer.concat([Buffer.from(head), body]);
}
