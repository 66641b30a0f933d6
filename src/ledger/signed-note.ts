// Signed notes as c2sp.org/signed-note has them, Ed25519 only (signature type 0x01), one signature by the log itself.
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { sha256 } from "../core/digest.ts";
import { TocsinError } from "../core/errors.ts";

const ED25519 = Buffer.of(1);
const KEY_BYTES = 32;
// RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS #8 and in SubjectPublicKeyInfo.
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");

/** Who signs: `example.cloud/tocsin`. No spaces, no plus. */
export type NoteVerifier = { readonly name: string; readonly id: string; readonly key: KeyObject };
export type NoteSigner = NoteVerifier & { readonly secret: KeyObject };

/** @param seed the 32 secret bytes of RFC 8032 */
export function noteSigner(name: string, seed: Uint8Array): NoteSigner {
  const secret = createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, seed]),
    format: "der",
    type: "pkcs8",
  });
  const key = createPublicKey(secret);
  return { name, id: keyId(name, rawKey(key)), key, secret };
}

/** The verifier's key as one line, as Go's sumdb/note writes it: `name+keyid+base64(0x01 || key)`. */
export function verifierLine({ name, id, key }: NoteVerifier): string {
  return `${name}+${id}+${Buffer.concat([ED25519, rawKey(key)]).toString("base64")}`;
}

/** @throws TocsinError `invalid` */
export function parseVerifier(line: string): NoteVerifier {
  const [, name = "", id = "", encoded = ""] =
    /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\s*$/.exec(line) ?? [];
  const bytes = Buffer.from(encoded, "base64");
  const raw = bytes.subarray(1);
  if (name === "" || bytes[0] !== 1 || raw.length !== KEY_BYTES || keyId(name, raw) !== id) {
    throw new TocsinError(
      "invalid",
      "this is not the public key of a ledger: it looks like name+1a2b3c4d+AZ…",
    );
  }
  const key = createPublicKey({
    key: Buffer.concat([SPKI_HEAD, raw]),
    format: "der",
    type: "spki",
  });
  return { name, id, key };
}

/** `text` ends in a newline and holds no other control character. */
export function signNote(text: string, { name, id, secret }: NoteSigner): string {
  const signature = Buffer.concat([Buffer.from(id, "hex"), sign(null, Buffer.from(text), secret)]);
  return `${text}\n— ${name} ${signature.toString("base64")}\n`;
}

const MOST_SIGNATURES = 16;

/** The note's text where the verifier's own signature stands below it and is right; else undefined. Others' signatures are passed over. */
export function openNote(note: string, { name, id, key }: NoteVerifier): string | undefined {
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) return undefined;
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2, -1).split("\n");
  if (lines.length > MOST_SIGNATURES) return undefined;
  const signatures = lines.map((line) => /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line));
  if (signatures.includes(null)) return undefined;
  const mine = signatures
    .filter((match) => match?.[1] === name)
    .map((match) => Buffer.from(match?.[2] ?? "", "base64"))
    .filter((bytes) => bytes.subarray(0, 4).toString("hex") === id);
  const isSigned =
    mine.length > 0 &&
    mine.every((bytes) => verify(null, Buffer.from(text), key, bytes.subarray(4)));
  return isSigned ? text : undefined;
}

function keyId(name: string, raw: Uint8Array): string {
  return sha256(name, "\n", ED25519, raw).toString("hex", 0, 4);
}

function rawKey(key: KeyObject): Buffer {
  return key.export({ format: "der", type: "spki" }).subarray(SPKI_HEAD.length);
}
