import { crc32 } from "node:zlib";

/**
 * What bulk revocation takes (docs.github.com/rest/credentials/revoke): personal tokens, classic and fine-grained; tokens of
 * OAuth apps, of users of GitHub Apps, and their refresh tokens. A token of another form would fail the 999 beside it.
 */
export function isGithubCredential(token: string): boolean {
  const classic = /^gh[opu]_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/.exec(token);
  if (classic) return classic[2] === checksumOf(classic[1] ?? "");
  return (
    /^github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}$/.test(token) ||
    /^ghr_[0-9A-Za-z]{36,251}$/.test(token)
  );
}

/** Only what an app issued itself is known to its check call: of any other token it says *not found*, dead or alive. */
export function isIssuedByApp(token: string): boolean {
  return /^gh[ou]_/.test(token);
}

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** CRC-32 in base 62, six digits (github.blog, "Behind GitHub's new authentication token formats"). */
function checksumOf(random: string): string {
  let text = "";
  for (let rest = crc32(random); text.length < 6; rest = Math.floor(rest / 62))
    text = (DIGITS[rest % 62] ?? "") + text;
  return text;
}
