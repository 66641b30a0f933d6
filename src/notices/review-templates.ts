// What a careful colleague says of the templates before anybody is written to.
import { titleOf } from "./facts.ts";
import { bestLanguage, wordsOf } from "./language.ts";
import { bodyOf, parseTemplate, type Templates } from "./templates.ts";

/** The cohort that a notice goes to, counted in people. */
export type CohortFacts = {
  readonly people: number;
  /** Category → people who had it exposed. */
  readonly categories: Readonly<Record<string, number>>;
  /** Preferred language → people; `""` where none is known. */
  readonly languages: Readonly<Record<string, number>>;
  readonly withoutName: number;
  readonly withSeveralAccounts: number;
  readonly hasWindow: boolean;
  readonly correction: boolean;
};

export const TEMPLATE_WARNINGS = [
  "names-category-of-nobody",
  "names-category-not-of-all",
  "omits-exposures",
  "advice-without-exposure",
  "empty-placeholder",
  "omits-accounts",
  "omits-reference",
  "language-missing",
  "language-without-words",
  "category-without-words",
  "languages-differ",
] as const;

export type TemplateWarning = {
  readonly code: (typeof TEMPLATE_WARNINGS)[number];
  /** `notices/affected.fr.md`, or the notice. */
  readonly at: string;
  readonly message: string;
  /** People whom it concerns. */
  readonly people: number;
};

/** In the order of the files, the gravest first in each. An empty list means that nothing was found, not that the text is good. */
export function reviewTemplates(templates: Templates, facts: CohortFacts): TemplateWarning[] {
  const each = Object.entries(templates.sources).flatMap(([language, source]) =>
    reviewOne({ language, source, at: templates.files[language] ?? language, facts }),
  );
  return [...each, ...reviewLanguages(templates, facts), ...reviewAgreement(templates)];
}

type One = {
  readonly language: string;
  readonly source: string;
  readonly at: string;
  readonly facts: CohortFacts;
};

function reviewOne(one: One): TemplateWarning[] {
  const uses = new Set(parseTemplate(one.source).variables);
  return [...mentions(one), ...omissions(one, uses), ...empties(one, uses), ...missingWords(one)];
}

// Prose outside of conditions speaks to everybody; what stands behind `if exposed contains "…"` speaks to those.
function mentions({ language, source, at, facts }: One): TemplateWarning[] {
  const prose = unconditional(bodyOf(source).body);
  const words = wordsOf(language);
  return Object.entries(words?.mentions ?? {}).flatMap(([category, pattern]) => {
    const match = pattern.exec(prose);
    if (!match) return [];
    const exposed = peopleWith(facts, category);
    if (exposed === facts.people) return [];
    const isAdvice = category === "user.authorization.password";
    const code =
      exposed > 0
        ? "names-category-not-of-all"
        : isAdvice
          ? "advice-without-exposure"
          : "names-category-of-nobody";
    const condition = `{% if exposed contains "${category}" %}`;
    const message = `says “${match[0]}” to everybody, but ${exposed} of ${facts.people} had ${category} exposed; put it behind ${condition}`;
    return [{ code, at, message, people: facts.people - exposed }];
  });
}

function peopleWith({ categories }: CohortFacts, category: string): number {
  const counts = Object.entries(categories).flatMap(([key, people]) =>
    key === category || key.startsWith(`${category}.`) ? [people] : [],
  );
  return Math.max(0, ...counts);
}

function unconditional(body: string): string {
  let text = body;
  for (let before = ""; before !== text;) {
    before = text;
    text = text.replaceAll(
      /\{%-?\s*(if|unless|case)\b(?:(?!\{%-?\s*(?:if|unless|case)\b)[\s\S])*?\{%-?\s*end\1\s*-?%\}/g,
      " ",
    );
  }
  return text.replaceAll(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g, " ");
}

function omissions({ at, facts, source }: One, uses: ReadonlySet<string>): TemplateWarning[] {
  const warnings: TemplateWarning[] = [];
  const prints = /\{\{-?\s*exposed\b|\bin\s+exposed\b|\.exposed\b/.test(source);
  if (!prints) {
    const named = Object.keys(facts.categories).filter(
      (category) => !source.includes(`"${category}"`),
    );
    if (named.length > 0) {
      const message = `does not say that ${named.join(", ")} was exposed; print {{ exposed }}`;
      warnings.push({ code: "omits-exposures", at, message, people: facts.people });
    }
  }
  if (!uses.has("accounts") && !prints && facts.withSeveralAccounts > 0) {
    const message = `does not name the accounts, and ${facts.withSeveralAccounts} people have several; print {{ accounts }}`;
    warnings.push({ code: "omits-accounts", at, message, people: facts.withSeveralAccounts });
  }
  if (!uses.has("reference") && !uses.has("code")) {
    const message = "gives nobody a way to tell it from a forgery; print {{ reference }}";
    warnings.push({ code: "omits-reference", at, message, people: facts.people });
  }
  return warnings;
}

function empties({ at, facts, source }: One, uses: ReadonlySet<string>): TemplateWarning[] {
  const guarded = (name: string): boolean =>
    new RegExp(`\\{%-?\\s*if\\s+${name}\\b|\\{\\{-?\\s*${name}\\s*\\|\\s*default`).test(source);
  const empty = (name: string, people: number, why: string): TemplateWarning[] =>
    people > 0 && uses.has(name) && !guarded(name)
      ? [
          {
            code: "empty-placeholder",
            at,
            message: `{{ ${name} }} is empty for ${people} people: ${why}; they would be refused`,
            people,
          },
        ]
      : [];
  return [
    ...empty("name", facts.withoutName, "the registry has no name; use {{ greeting }}"),
    ...empty("window", facts.hasWindow ? 0 : facts.people, "incident.yaml has no window"),
    ...empty("advice", facts.correction ? facts.people : 0, "a correction asks for nothing"),
  ];
}

function missingWords({ language, at, facts }: One): TemplateWarning[] {
  const words = wordsOf(language);
  if (!words) {
    const message = `Tocsin has no words of its own in ${language}: {{ exposed }}, {{ advice }} and {{ reference }} would be English`;
    return [
      { code: "language-without-words", at, message, people: facts.languages[language] ?? 0 },
    ];
  }
  return Object.entries(facts.categories).flatMap(([category, people]) =>
    titleOf(words, { category, detail: "" }) === undefined
      ? [
          {
            code: "category-without-words" as const,
            at,
            message: `${category} has no words in ${language}: people would read the bare key`,
            people,
          },
        ]
      : [],
  );
}

function reviewLanguages({ sources }: Templates, facts: CohortFacts): TemplateWarning[] {
  const offered = Object.keys(sources);
  return Object.entries(facts.languages).flatMap(([language, people]) => {
    if (language === "" || people === 0 || bestLanguage(language, offered) !== undefined) return [];
    const prefer =
      people === 1 ? "1 person prefers" : `${people.toLocaleString("en-US")} people prefer`;
    const message = `${prefer} ${language}, which has no template; they would get another language`;
    return [{ code: "language-missing" as const, at: language, message, people }];
  });
}

function reviewAgreement({ sources, files }: Templates): TemplateWarning[] {
  const uses = Object.entries(sources).map(([language, source]) => ({
    language,
    names: parseTemplate(source).variables.toSorted().join(" "),
  }));
  const [first, ...others] = uses;
  return others
    .filter(({ names }) => names !== first?.names)
    .map(({ language }) => ({
      code: "languages-differ" as const,
      at: files[language] ?? language,
      message: `does not use the same placeholders as ${files[first?.language ?? ""] ?? ""}: one of them may say less`,
      people: 0,
    }));
}
