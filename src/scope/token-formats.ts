// Access tokens told from their form, and whether they are well-formed. Malformed ones cannot be revoked and open nothing.
import { crc32 } from "node:zlib";
import type { CategoryKey } from "../core/categories.ts";

export type TokenFormat = {
  readonly category: CategoryKey;
  /** What the exposure's detail says. */
  readonly name: string;
  /** Of RE2 and of JavaScript alike, over the whole value. */
  readonly pattern: string;
  /** The last six characters are the base62 CRC-32 of what stands between prefix and checksum. */
  readonly checksum?: true;
  /** The prefix alone says what it is; a bare row of hex digits does not. */
  readonly typed: boolean;
};

const ALNUM = "[A-Za-z0-9]";

/**
 * GitHub: github.blog/engineering/behind-githubs-new-authentication-token-formats (2021); before that 40 hex digits.
 * Bitbucket, GitLab: as their documentation and gitleaks know them.
 */
export const TOKEN_FORMATS: readonly TokenFormat[] = [
  ...["ghp", "gho", "ghu", "ghs", "ghr"].map((prefix): TokenFormat => ({
    category: "token.github",
    name: prefix,
    pattern: `^${prefix}_${ALNUM}{36}$`,
    checksum: true,
    typed: true,
  })),
  {
    category: "token.github",
    name: "github_pat",
    pattern: `^github_pat_${ALNUM}{22}_${ALNUM}{59}$`,
    typed: true,
  },
  { category: "token.github", name: "40 hex digits", pattern: "^[0-9a-f]{40}$", typed: false },
  {
    category: "token.bitbucket",
    name: "ATBB",
    pattern: "^ATBB[A-Za-z0-9]{24}[A-F0-9]{8}$|^ATBB[A-Za-z0-9_=-]{28,}$",
    typed: true,
  },
  {
    category: "token.bitbucket",
    name: "ATCTT",
    pattern: "^ATCTT3[A-Za-z0-9_=-]{20,}$",
    typed: true,
  },
  { category: "token.bitbucket", name: "app password", pattern: `^${ALNUM}{20}$`, typed: false },
  {
    category: "token.bitbucket",
    name: "access token",
    pattern: "^[A-Za-z0-9_=-]{44,}$",
    typed: false,
  },
  {
    category: "token.gitlab",
    name: "glpat",
    pattern: "^glpat-[A-Za-z0-9_-]{20,}(\\.[0-9a-z]{2}\\.[0-9a-z]{9})?$",
    typed: true,
  },
];

export const MALFORMED = "malformed";

/** Undefined where no format of `category` fits: the token is malformed, or of a kind without a known form. */
export function tokenFormat(value: string, category: string): TokenFormat | undefined {
  return TOKEN_FORMATS.find(
    (format) => format.category === category && isWellFormed(value, format),
  );
}

export function isWellFormed(value: string, format: TokenFormat): boolean {
  return (
    new RegExp(format.pattern).test(value) &&
    (!format.checksum || value.slice(-6) === checksumOf(value))
  );
}

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function checksumOf(value: string): string {
  const body = value.slice(value.indexOf("_") + 1, -6);
  let rest = crc32(body);
  let text = "";
  for (let place = 0; place < 6; place += 1) {
    text = (BASE62[rest % 62] ?? "") + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}
