import { de } from "./words/de.ts";
import { en } from "./words/en.ts";
import { es } from "./words/es.ts";
import { fr } from "./words/fr.ts";
import { ja } from "./words/ja.ts";
import type { Words } from "./words/words.ts";

/** Languages in which Tocsin itself has words. */
export const NOTICE_LANGUAGES = ["en", "fr", "de", "es", "ja"] as const;

const WORDS: Readonly<Record<string, Words>> = { en, fr, de, es, ja } satisfies Record<
  (typeof NOTICE_LANGUAGES)[number],
  Words
>;

/** Words of a language or of its parent (`fr-CA` → `fr`). */
export function wordsOf(language: string): Words | undefined {
  return WORDS[bestLanguage(language, NOTICE_LANGUAGES) ?? ""];
}

/**
 * The best of `offered` for the language that a person prefers: RFC 4647, 3.4 (lookup), after which a relative of the same
 * language will do (`pt-BR` for `pt-PT`). `undefined` where there is none.
 */
export function bestLanguage(wanted: string, offered: readonly string[]): string | undefined {
  const canonical = canonicalLanguage(wanted);
  if (canonical === undefined) return undefined;
  const parts = canonical.toLowerCase().split("-");
  for (let length = parts.length; length > 0; length -= 1) {
    const range = parts.slice(0, length).join("-");
    const match = offered.find((one) => one.toLowerCase() === range);
    if (match !== undefined) return match;
  }
  return offered.find((one) => one.toLowerCase().split("-")[0] === parts[0]);
}

function canonicalLanguage(language: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(language.replaceAll("_", "-"))[0];
  } catch {
    return undefined; // not a language tag at all: registries hold such
  }
}

/** For the `dir` attribute. */
export function directionOf(language: string): "ltr" | "rtl" {
  const script = new Intl.Locale(language).maximize().script ?? "";
  return ["Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg"].includes(script) ? "rtl" : "ltr";
}
