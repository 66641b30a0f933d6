// DKIM signatures (RFC 6376; Ed25519 after RFC 8463), relaxed/relaxed. RSA takes more than a millisecond a message, so signing
// runs on libuv's threads and never on the event loop.
import { createPrivateKey, createPublicKey, sign as signBytes, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { sha256 } from "../core/digest.ts";
import { TocsinError } from "../core/errors.ts";

export type DkimKey = {
  readonly domain: string;
  readonly selector: string;
  readonly key: KeyObject;
  readonly algorithm: "rsa-sha256" | "ed25519-sha256";
};

const signAsync = promisify<string | null, Uint8Array, KeyObject, Buffer>(signBytes);

/** Signed once more than they occur, so that none can be added on the way (RFC 6376, 8.15). */
const SIGNED_AND_SEALED = ["from", "to", "subject", "date", "message-id", "reply-to"] as const;
const SIGNED = ["mime-version", "content-type", "content-language", "auto-submitted"] as const;

/** @throws TocsinError `invalid` for anything but RSA of at least 2,048 bits (RFC 8301 asks for 1,024) or Ed25519 */
export function dkimKey(domain: string, selector: string, pem: string | Buffer): DkimKey {
  const key = privateKey(selector, pem);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType === "ed25519")
    return { domain, selector, key, algorithm: "ed25519-sha256" };
  if (key.asymmetricKeyType === "rsa" && bits >= 2048)
    return { domain, selector, key, algorithm: "rsa-sha256" };
  throw new TocsinError(
    "invalid",
    `dkim key of selector ${selector}: use Ed25519, or RSA of at least 2048 bits`,
  );
}

function privateKey(selector: string, pem: string | Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // OpenSSL's message can quote the file's bytes.
    throw new TocsinError(
      "invalid",
      `dkim key of selector ${selector}: not a private key in PEM without a passphrase`,
    );
  }
}

/** What must stand in DNS at `<selector>._domainkey.<domain>` (RFC 6376, 3.6.1; RFC 8463, 4). */
export function dkimRecord({ key, algorithm }: DkimKey): string {
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  // An Ed25519 record carries the bare 32 bytes, which end its SubjectPublicKeyInfo (RFC 8410, 4).
  return algorithm === "rsa-sha256"
    ? `v=DKIM1; k=rsa; p=${spki.toString("base64")}`
    : `v=DKIM1; k=ed25519; p=${spki.subarray(-32).toString("base64")}`;
}

/** The message with one DKIM-Signature a key in front. `data` has CRLF line ends. The same bytes get the same signature. */
export async function dkimSign(data: Buffer, keys: readonly DkimKey[]): Promise<Buffer> {
  const end = data.indexOf("\r\n\r\n");
  const fields = headerFields(data.toString("latin1", 0, end));
  const bodyHash = sha256(relaxedBody(data.subarray(end + 4))).toString("base64");
  const signatures = await Promise.all(
    keys.map(async (key) => await signature(key, fields, bodyHash)),
  );
  return Buffer.concat([Buffer.from(signatures.join(""), "latin1"), data]);
}

async function signature(
  key: DkimKey,
  fields: ReadonlyMap<string, string>,
  bodyHash: string,
): Promise<string> {
  const sealed = SIGNED_AND_SEALED.flatMap((name) => (fields.has(name) ? [name, name] : [name]));
  const names = [...sealed, ...SIGNED.filter((name) => fields.has(name))];
  const field =
    `DKIM-Signature: v=1; a=${key.algorithm}; c=relaxed/relaxed; d=${key.domain};\r\n` +
    ` s=${key.selector}; bh=${bodyHash};\r\n h=${names.join(":\r\n  ")};\r\n b=`;
  const input = Buffer.from(signedFields(names, fields) + relaxedField(field), "latin1");
  // RFC 8463, 3: Ed25519 signs the SHA-256 of the input; RSA hashes by itself.
  const bytes =
    key.algorithm === "ed25519-sha256"
      ? await signAsync(null, sha256(input), key.key)
      : await signAsync("sha256", input, key.key);
  return `${field}${bytes.toString("base64").replaceAll(/.{72}(?=.)/g, "$&\r\n ")}\r\n`;
}

// A name that is listed more often than it occurs stands for an empty string (RFC 6376, 5.4.2): ours occur once at most.
function signedFields(names: readonly string[], fields: ReadonlyMap<string, string>): string {
  const done = new Set<string>();
  let input = "";
  for (const name of names) {
    const field = fields.get(name);
    if (field !== undefined && !done.has(name)) input += `${relaxedField(field)}\r\n`;
    done.add(name);
  }
  return input;
}

// Latin-1 in and out keeps every byte of a UTF-8 header (RFC 6532) as it is.
function headerFields(head: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const field of head.split(/\r\n(?![ \t])/)) {
    const name = field.slice(0, field.indexOf(":")).trim().toLowerCase();
    fields.set(name, field);
  }
  return fields;
}

// RFC 6376, 3.4.2
function relaxedField(field: string): string {
  const colon = field.indexOf(":");
  const value = field
    .slice(colon + 1)
    .replaceAll("\r\n", "")
    .replaceAll(/[ \t]+/g, " ");
  return `${field.slice(0, colon).trim().toLowerCase()}:${value.replaceAll(/^ | $/g, "")}`;
}

// RFC 6376, 3.4.4
function relaxedBody(body: Buffer): Buffer {
  const text = body
    .toString("latin1")
    .replaceAll(/[ \t]+/g, " ")
    .replaceAll(" \r\n", "\r\n")
    .replace(/ $/, "")
    .replace(/(?:\r\n)+$/, "");
  return Buffer.from(text === "" ? "" : `${text}\r\n`, "latin1");
}
