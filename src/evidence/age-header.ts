import { open } from "node:fs/promises";
import { Decrypter, Encrypter } from "age-encryption";
import { TocsinError } from "../core/errors.ts";
import { NONCE_BYTES, type PayloadKey } from "./age-payload.ts";

const MOST_HEADER = 65_536;

/** A header for `recipients`, the nonce that follows it, and the keys of the payload that is to follow both. */
export async function newHeader(
  recipients: readonly string[],
): Promise<PayloadKey & { readonly head: Uint8Array }> {
  let fileKey: Uint8Array | undefined;
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  // The library hands its file key to every recipient; this one adds no stanza and keeps the key.
  encrypter.addRecipient({
    wrapFileKey: (key) => {
      fileKey = Uint8Array.from(key);
      return [];
    },
  });
  const empty = await encrypter.encrypt(new Uint8Array());
  if (fileKey === undefined) throw new Error("age made no file key");
  // An empty payload is its nonce and one tag: the header and nonce are all before that tag.
  const head = empty.subarray(0, empty.length - 16);
  return { head, fileKey, nonce: head.subarray(head.length - NONCE_BYTES) };
}

/**
 * Reads the header of a sealed file. `start` is where its payload begins.
 * @throws TocsinError `forbidden` where `identity` is not among its recipients, `invalid` where it is no age file
 */
export async function readHeader(
  path: string,
  identity: string,
): Promise<PayloadKey & { readonly start: number }> {
  const begin = Buffer.alloc(MOST_HEADER + NONCE_BYTES);
  await using file = await open(path, "r");
  const { bytesRead } = await file.read(begin, 0, begin.length, 0);
  return await parseHeader(begin.subarray(0, bytesRead), { identity, what: path });
}

export async function parseHeader(
  bytes: Buffer,
  { identity, what }: { identity: string; what: string },
): Promise<PayloadKey & { readonly start: number }> {
  const mac = bytes.indexOf("\n--- ");
  const end = mac < 0 ? -1 : bytes.indexOf("\n", mac + 1) + 1;
  if (end <= 0 || bytes.length < end + NONCE_BYTES)
    throw new TocsinError("invalid", `${what} is not sealed with age`);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  try {
    const fileKey = await decrypter.decryptHeader(bytes.subarray(0, end));
    return { fileKey, nonce: bytes.subarray(end, end + NONCE_BYTES), start: end + NONCE_BYTES };
  } catch (cause) {
    throw new TocsinError(
      "forbidden",
      `the key in the data folder does not open ${what}: it was sealed for another`,
      { cause },
    );
  }
}
