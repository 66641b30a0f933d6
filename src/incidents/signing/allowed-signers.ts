// The organisation's ALLOWED SIGNERS file (ssh-keygen(1)): who may approve, with which keys, when.
import { TocsinError, type Problem } from "../../core/errors.ts";

export type AllowedSigner = {
  readonly line: number;
  readonly principals: readonly string[];
  readonly namespaces: readonly string[] | undefined;
  readonly validAfter: Date | undefined;
  readonly validBefore: Date | undefined;
  readonly keyType: string;
  readonly publicKey: Buffer;
};

const LINE =
  /^(?:"(?<quoted>[^"]+)"|(?<bare>\S+))\s+(?:(?<options>.*?)\s+)?(?<type>(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+)\s+(?<key>[A-Za-z0-9+/]+=*)(?:\s.*)?$/;

/** Every line that cannot be used is a problem, and no line is passed over in silence. */
export function parseAllowedSigners(
  text: string,
  file: string,
): { signers: AllowedSigner[]; problems: Problem[] } {
  const signers: AllowedSigner[] = [];
  const problems: Problem[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const signer = parseLine(line, index + 1);
    if (typeof signer === "string")
      problems.push({ at: `${file}:${index + 1}:1`, message: signer });
    else signers.push(signer);
  }
  return { signers, problems };
}

function parseLine(text: string, line: number): AllowedSigner | string {
  const { groups } = LINE.exec(text) ?? {};
  if (!groups) return "write: PRINCIPAL [OPTIONS] KEYTYPE KEY, as ssh-keygen -Y verify reads it";
  const { quoted, bare = "", options = "", type = "", key = "" } = groups;
  if (/(^|,)cert-authority(,|$)/i.test(options)) {
    return "certificates are not taken: list each person's own key";
  }
  const [validAfter, validBefore] = [time(options, "valid-after"), time(options, "valid-before")];
  if (validAfter === null || validBefore === null) {
    return "write times as YYYYMMDD or YYYYMMDDHHMM[SS], with Z for UTC";
  }
  return {
    line,
    principals: (quoted ?? bare).split(","),
    namespaces: option(options, "namespaces")?.split(","),
    validAfter,
    validBefore,
    keyType: type,
    publicKey: Buffer.from(key, "base64"),
  };
}

function option(options: string, name: string): string | undefined {
  return new RegExp(`(?:^|,)${name}="([^"]*)"`, "i").exec(options)?.[1];
}

/** undefined: not given; null: not readable. */
function time(options: string, name: string): Date | undefined | null {
  const text = option(options, name);
  if (text === undefined) return undefined;
  const match = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(Z?)$/.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const fields = [
    year ?? 0,
    (month ?? 1) - 1,
    day ?? 1,
    hour ?? 0,
    minute ?? 0,
    second ?? 0,
  ] as const;
  return match[7] === "Z" ? new Date(Date.UTC(...fields)) : new Date(...fields);
}

/**
 * The person that the key belongs to: the line that names `person` (patterns with * and ?, ! denies) and this very key.
 * @throws TocsinError `refused`, saying what to add to the file
 */
export function requireSigner(
  signers: readonly AllowedSigner[],
  wanted: { person: string; publicKey: Buffer; namespace: string; at: Date },
): AllowedSigner {
  const ofKey = signers.filter((signer) => signer.publicKey.equals(wanted.publicKey));
  const found = ofKey.find((signer) => names(signer.principals, wanted.person));
  if (!found)
    throw new TocsinError("refused", `the allowed signers have no such key for ${wanted.person}`);
  if (found.namespaces && !names(found.namespaces, wanted.namespace)) {
    throw new TocsinError(
      "refused",
      `line ${found.line} of the allowed signers does not cover ${wanted.namespace}`,
    );
  }
  if (
    (found.validAfter && wanted.at < found.validAfter) ||
    (found.validBefore && wanted.at >= found.validBefore)
  ) {
    throw new TocsinError(
      "refused",
      `the key on line ${found.line} of the allowed signers is not valid now`,
    );
  }
  return found;
}

function names(patterns: readonly string[], name: string): boolean {
  if (patterns.some((pattern) => pattern.startsWith("!") && wildcard(pattern.slice(1), name)))
    return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && wildcard(pattern, name));
}

function wildcard(pattern: string, name: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(name);
}
