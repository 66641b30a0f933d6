import { createHmac, timingSafeEqual } from "node:crypto";

/** Crockford's alphabet: no letter can be taken for a digit or make a word. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * `K7QD-2M4X`: 40 bits of HMAC-SHA256 over the incident and the address. It proves nothing alone; together with the address it shows
 * that a message is ours, and it is the same for every message to that address about that incident.
 */
export function referenceCode(key: Uint8Array, incident: string, address: string): string {
  const bytes = createHmac("sha256", key).update(`${incident}\0${address.toLowerCase()}`).digest();
  let bits = bytes.readUIntBE(0, 5);
  let code = "";
  for (let at = 0; at < 8; at += 1) {
    code = (ALPHABET[bits % 32] ?? "") + code;
    bits = Math.floor(bits / 32);
  }
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** Small letters, missing dashes and the usual mistakings (O for 0, I and L for 1) are forgiven. */
export function isReferenceCode(expected: string, given: string): boolean {
  const read = given
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  const [left, right] = [Buffer.from(expected.replace("-", "")), Buffer.from(read)];
  return left.length === right.length && timingSafeEqual(left, right);
}
