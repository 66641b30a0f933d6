// What a template can say of one shape of person: phrases in the language, from exposures and how sure they are.
import { SURENESS, ACTS } from "../config/incident-file.ts";
import { factsOf } from "../core/categories.ts";
import { NEED_NOT, SAID, type NeedNot, type Said, type Words } from "./words/words.ts";
import type { NoticeAccount, NoticeExposure } from "./person.ts";

export type Facts = {
  readonly words: Words;
  readonly language: string;
  readonly site: string;
  /** Of the organisation. */
  readonly correction: boolean;
};

const PLAIN: ReadonlySet<string> = new Set(["plain", "plaintext", "base64"]);
/** Formats that are guessed in bulk on one graphics card: the password counts as read. */
const WEAK: ReadonlySet<string> = new Set([
  "md5",
  "sha1",
  "sha-1",
  "ntlm",
  "lm",
  "mysql",
  "descrypt",
  "md5crypt",
  "sha256",
  "sha512",
]);

const PASSWORD = "user.authorization.password";

/** A title in the language: of the category, of its form, or of the nearest category above it. */
export function titleOf(
  words: Words,
  { category, detail }: Pick<NoticeExposure, "category" | "detail">,
): string | undefined {
  if (PLAIN.has(detail)) {
    const plain = words.titles[`${category}:plain`];
    if (plain !== undefined) return plain;
  }
  for (let key = category; key !== ""; key = key.slice(0, Math.max(key.lastIndexOf("."), 0))) {
    const title = words.titles[key];
    if (title !== undefined) return title;
  }
  return undefined;
}

/** One sentence an act and sureness, the surest first: `This was copied: your user name.` */
export function exposedSentences(facts: Facts, exposed: readonly NoticeExposure[]): string[] {
  if (facts.correction)
    return [fill(facts.words.inError, listOf(facts, exposed))].filter(() => exposed.length > 0);
  const sentences: string[] = [];
  for (const sureness of SURENESS) {
    for (const act of ACTS) {
      const these = exposed.filter((one) => one.sureness === sureness && one.act === act);
      if (these.length > 0)
        sentences.push(fill(facts.words.exposed[act][sureness], listOf(facts, these)));
    }
  }
  return sentences;
}

/** `your user name, your password in scrambled form, and …`, each once. */
export function listOf({ words, language }: Facts, exposed: readonly NoticeExposure[]): string {
  const titles = new Set(exposed.map((one) => titleOf(words, one) ?? one.category));
  return listIn(language, [...titles]);
}

export function listIn(language: string, items: readonly string[]): string {
  return new Intl.ListFormat(language, { type: "conjunction", style: "long" }).format(items);
}

/** What is new stands first, and what the person was told before is named as such. */
export function exposedOf(facts: Facts, exposed: readonly NoticeExposure[]): string[] {
  const fresh = exposed.filter((one) => one.fresh);
  const told = exposed.filter((one) => !one.fresh);
  if (told.length === 0 || facts.correction) return exposedSentences(facts, exposed);
  const before = fill(facts.words.told, listOf(facts, told));
  return fresh.length === 0
    ? [before]
    : [`${facts.words.fresh} ${exposedSentences(facts, fresh).join(" ")}`, before];
}

/** The same account twice, or two accounts with the same exposures, need not be told one by one. */
export function sameExposures(accounts: readonly NoticeAccount[]): boolean {
  const first = JSON.stringify(accounts[0]?.exposed);
  return accounts.every(({ exposed }) => JSON.stringify(exposed) === first);
}

/** What to do follows from what was exposed, and from nothing else. */
export function adviceOf(facts: Facts, exposed: readonly NoticeExposure[]): string[] {
  if (facts.correction) return [];
  const said = new Map<Said, string>();
  for (const one of exposed) {
    for (const advice of factsOf(one.category)?.advice ?? [])
      said.set(advice, farSideOf(one.category) ?? "");
    if (!isUnder(one.category, PASSWORD)) continue;
    said.set("password-new", facts.site);
    if (WEAK.has(one.detail) || PLAIN.has(one.detail)) said.set("password-known", "");
  }
  const far = [...new Set(exposed.flatMap(({ category }) => farSideOf(category) ?? []))];
  if (said.has("link-again")) said.set("link-again", listIn(facts.language, far));
  return SAID.flatMap((advice) => {
    const value = said.get(advice);
    return value === undefined ? [] : [fill(facts.words.advice[advice], value)];
  });
}

/** What people do out of fear and need not. */
export function needNotOf(facts: Facts, exposed: readonly NoticeExposure[]): string[] {
  if (facts.correction) return [];
  const hasPassword = exposed.some(({ category }) => isUnder(category, PASSWORD));
  const far = [...new Set(exposed.flatMap(({ category }) => farSideOf(category) ?? []))];
  const said: Readonly<Record<NeedNot, string | undefined>> = {
    "password-keep": hasPassword ? undefined : "",
    "far-password-keep": far.length === 0 ? undefined : listIn(facts.language, far),
  };
  return NEED_NOT.flatMap((key) => {
    const value = said[key];
    return value === undefined ? [] : [fill(facts.words.needNot[key], value)];
  });
}

const FAR_SIDES: Readonly<Record<string, string>> = {
  "token.github": "GitHub",
  "token.bitbucket": "Bitbucket",
  "token.gitlab": "GitLab",
};

function farSideOf(category: string): string | undefined {
  return FAR_SIDES[category.split(".").slice(0, 2).join(".")];
}

export function isUnder(category: string, above: string): boolean {
  return category === above || category.startsWith(`${above}.`);
}

export function fill(frame: string, value: string): string {
  return frame.replace("{}", () => value);
}
