import { crc32 } from "node:zlib";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * Whether GitHub could have made it: prefix, 30 characters, and their CRC-32 in base 62
 * (https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/).
 */
export function isGithubToken(token: string): boolean {
  const [, random = "", check = ""] =
    /^gh[opsu]_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/.exec(token) ?? [];
  return check !== "" && check === base62(crc32(random));
}

function base62(crc: number): string {
  let text = "";
  for (let left = crc; text.length < 6; left = Math.floor(left / 62))
    text = (ALPHABET[left % 62] ?? "") + text;
  return text;
}
