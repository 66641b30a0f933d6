// What no notice may hold, because the next phishing mail will look like it: a way to sign in or reset, a foreign link, a secret.
import type { Problem } from "../core/errors.ts";
import type { NoticeOrganisation } from "./settings.ts";

// A link is anything that a mail program would make one of.
const URL_IN_TEXT = /\b(?:[a-z][a-z0-9+.-]{1,20}:\/\/|www\.)[^\s<>()"']+|\bmailto:[^\s<>()"']+/giu;
const MARKDOWN_TARGET = /\]\(\s*<?([^)\s>]+)|^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?\s*$/gmu;

/** Formats of secrets, and any long run of letters and digits together, which no prose has. */
const SECRETS: readonly RegExp[] = [
  /\b(?:gh[pousr]_|github_pat_|glpat-|AKIA|ASIA|xox[abprs]-|sk_live_|ATBB)[A-Za-z0-9_-]{8,}/u,
  /-----BEGIN [A-Z ]+-----/u,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/u,
  /\b(?=[A-Za-z0-9+/_-]*[0-9])(?=[A-Za-z0-9+/_-]*[A-Za-z])[A-Za-z0-9+/_-]{32,}\b/u,
  /\$(?:2[aby]|argon2id?|5|6|1)\$\S{10,}/u,
];

const WAY_IN =
  /reset|passwo|signin|sign-in|log-?in|verify|verif|confirm|token|unlock|unsubscribe|track|click|pixel/iu;

/** Problems of one template's source, by line. */
export function forbiddenIn(
  source: string,
  file: string,
  organisation: NoticeOrganisation,
): Problem[] {
  const problems: Problem[] = [];
  source.split("\n").forEach((line, at) => {
    const here = (message: string, column: number): void => {
      problems.push({ at: `${file}:${at + 1}:${column + 1}`, message });
    };
    for (const { target, column } of targetsOf(line)) {
      const why = whyNot(target, organisation);
      if (why !== undefined)
        here(`${why}; a notice links to nothing but the organisation's plain site`, column);
    }
    const secret = SECRETS.map((pattern) => pattern.exec(line.replaceAll(URL_IN_TEXT, ""))).find(
      (match) => match !== null,
    );
    if (secret) here("this looks like a secret, and a notice holds none", secret.index);
    const picture = line.indexOf("![");
    if (picture >= 0) here("a notice has no pictures: fetching one tells who reads", picture);
    const tag = /<\s*(?:img|a|script|iframe|form|object|link|style)\b/iu.exec(line);
    if (tag) here("a notice has no HTML; write Markdown", tag.index);
  });
  return problems;
}

function* targetsOf(line: string): Generator<{ target: string; column: number }> {
  const seen = new Set<string>();
  for (const match of line.matchAll(MARKDOWN_TARGET)) {
    const target = match[1] ?? match[2] ?? "";
    seen.add(target);
    yield { target, column: match.index };
  }
  for (const match of line.matchAll(URL_IN_TEXT)) {
    const target = match[0].replace(/[.,;:!?*_]+$/u, "");
    if (!seen.has(target)) yield { target, column: match.index };
  }
}

function whyNot(target: string, organisation: NoticeOrganisation): string | undefined {
  if (/^\{\{-?\s*organisation\.site\s*-?\}\}$/u.test(target)) return undefined;
  if (target === `mailto:${organisation.contact}`) return undefined;
  const url = URL.parse(target.startsWith("www.") ? `https://${target}` : target);
  if (!url) return `${target} is no plain address`;
  if (!isOwnSite(url, organisation)) return `${target} is not the organisation's site`;
  if (url.search + url.hash + url.username + url.password + url.port !== "")
    return `${target} is not plain`;
  return WAY_IN.test(url.pathname) ? `${target} looks like a way to sign in or reset` : undefined;
}

function isOwnSite({ protocol, hostname }: URL, { domain, site }: NoticeOrganisation): boolean {
  const own = [domain, URL.parse(site ?? "")?.hostname];
  return (
    protocol === "https:" &&
    own.some((host) => host !== undefined && (hostname === host || hostname === `www.${host}`))
  );
}
