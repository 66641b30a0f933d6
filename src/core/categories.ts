// What is known of a data category, by its key. The table itself is in category-table.ts.
import { CATEGORIES, type CategoryFacts, type CategoryKey } from "./category-table.ts";
import { CATEGORY_TITLES } from "./category-titles.ts";

export { ADVICE, CATEGORIES } from "./category-table.ts";
export type { Advice, CategoryFacts, CategoryKey } from "./category-table.ts";

// `Object.keys` forgets the type of the keys.
export const CATEGORY_KEYS: readonly CategoryKey[] = Object.keys(CATEGORIES).filter(isCategoryKey);

export function isCategoryKey(key: string): key is CategoryKey {
  return Object.hasOwn(CATEGORIES, key);
}

/** Undefined for a key of the organisation's own. */
export function factsOf(category: string): CategoryFacts | undefined {
  return isCategoryKey(category) ? CATEGORIES[category] : undefined;
}

/**
 * English, without "your": `user name`. A key of the organisation's own is called after the nearest key above it, and
 * stands for itself where there is none. `_language` is taken so that callers say which they mean: there is English alone.
 */
export function titleOf(category: string, _language: "en"): string {
  for (let key = category; key !== ""; key = key.slice(0, Math.max(key.lastIndexOf("."), 0))) {
    if (isCategoryKey(key)) return CATEGORY_TITLES[key];
  }
  return category;
}

/** `passwordHash`, `Password-Hash`, `PASSWORD HASH` → `password_hash`. */
export function columnWords(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9']+/g, "_")
    .replace(/^_+|_+$/g, "");
}
