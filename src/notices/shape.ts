// People with the same language, the same number of accounts and the same exposures get the same notice but for their own values. Such a
// shape is rendered once: 184,000 people of docker-hub-2019 are a few hundred.
import { textHeader } from "../mail/header.ts";
import { TocsinError } from "../core/errors.ts";
import {
  adviceOf,
  exposedOf,
  fill,
  listIn,
  needNotOf,
  sameExposures,
  type Facts,
} from "./facts.ts";
import { ADDRESS_HOLE, CODE_HOLE, FIRST_ACCOUNT_HOLE, hole, NAME_HOLE } from "./hole.ts";
import { directionOf, wordsOf } from "./language.ts";
import type { Markdown } from "./markdown.ts";
import { patternOf, type Pattern } from "./pattern.ts";
import type { NoticePerson } from "./person.ts";
import { escapeMarkdown, OwnValue, Phrase } from "./phrase.ts";
import type { NoticeSettings } from "./settings.ts";
import type { TemplateLanguage } from "./template-language.ts";
import type { ParsedTemplate } from "./templates.ts";
import { en } from "./words/en.ts";
import { windowIn } from "./window.ts";

export type Shape =
  | {
      readonly subject: string;
      readonly subjectHeader: string;
      readonly text: string;
      readonly html: string;
      readonly textPattern: Pattern;
      readonly htmlPattern: Pattern;
    }
  /** Placeholders that are empty for people of this shape. */
  | { readonly empty: readonly string[] };

export type ShapeInput = {
  readonly settings: NoticeSettings;
  readonly language: string;
  readonly template: ParsedTemplate;
  readonly person: NoticePerson;
  readonly liquid: TemplateLanguage;
  readonly markdown: Markdown;
};

/** Equal for two people exactly where nothing but their own values differs. */
export function shapeKey(
  language: string,
  { wave, correction, role, name, accounts }: NoticePerson,
): string {
  let key = `${language} ${wave} ${correction ? 1 : 0} ${role} ${name === "" ? 0 : 1}`;
  for (const { username, exposed } of accounts) {
    key += username === "" ? "|-" : "|";
    for (const { category, sureness, act, detail, fresh } of exposed) {
      key += `;${category},${sureness},${act},${detail},${fresh ? 1 : 0}`;
    }
  }
  return key;
}

/** @throws TocsinError `invalid` where the template cannot be rendered at all */
export function renderShape(input: ShapeInput): Shape {
  const { settings, language, template, liquid, markdown } = input;
  let empty = false;
  const scope = scopeOf(input);
  const print = (parsed: ParsedTemplate["body"]): string =>
    liquid.render(parsed, scope, () => {
      empty = true;
    });
  const subject = unescapeMarkdown(print(template.subject)).trim();
  const source = print(template.body);
  if (empty || subject === "")
    return { empty: template.variables.filter((name) => isEmpty(scope[name])) };
  const tokens = markdown.tokens(source);
  const text = markdown.text(tokens);
  const html = page({
    subject,
    language,
    body: markdown.html(tokens),
    organisation: settings.organisation.name,
  });
  const textPattern = patternOf(text);
  return {
    subject,
    subjectHeader: textHeader("Subject", subject),
    text,
    html,
    textPattern,
    htmlPattern: patternOf(html),
  };
}

function isEmpty(value: unknown): boolean {
  return (
    value === null ||
    value === undefined ||
    value === "" ||
    (value instanceof Printable && value.markdown === "")
  );
}

/** Prints as a whole, is asked with `contains`, and is gone through with `for`. */
class Printable extends Phrase {
  readonly #items: readonly unknown[];
  readonly #contains: (what: string) => boolean;
  constructor(
    markdown: string,
    items: readonly unknown[],
    contains: (what: string) => boolean = () => false,
  ) {
    super(markdown);
    this.#items = items;
    this.#contains = contains;
  }
  [Symbol.iterator](): Iterator<unknown> {
    return this.#items[Symbol.iterator]();
  }
  // liquidjs asks this for `contains`.
  indexOf(what: unknown): number {
    return typeof what === "string" && this.#contains(what) ? 0 : -1;
  }
}

function scopeOf({ settings, language, person }: ShapeInput): Readonly<Record<string, unknown>> {
  const { organisation } = settings;
  const words = wordsOf(language) ?? en;
  const site = URL.parse(organisation.site ?? "")?.hostname ?? organisation.domain;
  const facts: Facts = {
    words,
    language,
    site: escapeMarkdown(site),
    correction: person.correction,
  };
  const all = person.accounts.flatMap(({ exposed }) => exposed);
  const todo = adviceOf(facts, all);
  const needNot = needNotOf(facts, all);
  const named = person.name !== "";
  return {
    organisation: { ...organisation, site: organisation.site ?? `https://${organisation.domain}` },
    incident: { title: settings.title },
    window: settings.window
      ? new Phrase(escapeMarkdown(windowIn(language, settings.window)))
      : null,
    greeting: new OwnValue(
      named ? fill(words.greeting, hole(NAME_HOLE)) : words.greetingWithoutName,
    ),
    name: named ? new OwnValue(hole(NAME_HOLE)) : null,
    accounts: accountsOf(facts, person),
    exposed: nullIfNothing(exposedList(facts, person)),
    advice: nullIfNothing(
      new Printable(adviceText(words.needNotHeading, todo, needNot), [...todo, ...needNot]),
    ),
    do: nullIfNothing(listed(todo)),
    need_not: nullIfNothing(listed(needNot)),
    reference: new Phrase(
      words.reference.replace("{site}", facts.site).replace("{code}", hole(CODE_HOLE)),
    ),
    code: new OwnValue(hole(CODE_HOLE)),
    correction: person.correction,
    wave: person.wave,
    role: person.role,
    many: person.accounts.length > 1,
  };
}

function nullIfNothing(printable: Printable): Printable | null {
  return printable.markdown === "" ? null : printable;
}

function listed(items: readonly string[]): Printable {
  return new Printable(
    bullets(items),
    items.map((item) => new Phrase(item)),
  );
}

function bullets(items: readonly string[]): string {
  return items.length === 0 ? "" : `\n${items.map((item) => `- ${item}`).join("\n")}\n`;
}

function adviceText(heading: string, todo: readonly string[], needNot: readonly string[]): string {
  const second = needNot.length === 0 ? "" : `\n${heading}\n${bullets(needNot)}`;
  return bullets(todo) + second;
}

/** The account that has no user name is called by the address that this message goes to. */
function accountName(person: NoticePerson, at: number): string {
  return hole(person.accounts[at]?.username === "" ? ADDRESS_HOLE : FIRST_ACCOUNT_HOLE + at);
}

function accountsOf(facts: Facts, person: NoticePerson): Printable {
  const names = person.accounts.map((_, at) => `**${accountName(person, at)}**`);
  const frame = names.length > 1 ? facts.words.accounts : facts.words.account;
  const items = person.accounts.map(({ exposed }, at) => ({
    name: new OwnValue(accountName(person, at)),
    exposed: nullIfNothing(paragraphs(exposedOf(facts, exposed), exposed)),
  }));
  return new Printable(fill(frame, listIn(facts.language, names)), items);
}

function exposedList(facts: Facts, person: NoticePerson): Printable {
  const all = person.accounts.flatMap(({ exposed }) => exposed);
  if (sameExposures(person.accounts))
    return paragraphs(exposedOf(facts, person.accounts[0]?.exposed ?? []), all);
  const items = person.accounts.flatMap(({ exposed }, at) =>
    exposed.length === 0
      ? []
      : [`- **${accountName(person, at)}**: ${exposedOf(facts, exposed).join(" ")}`],
  );
  return new Printable(items.length === 0 ? "" : `\n${items.join("\n")}\n`, [], containsIn(all));
}

function paragraphs(
  sentences: readonly string[],
  exposed: NoticePerson["accounts"][number]["exposed"],
): Printable {
  return new Printable(
    sentences.join("\n\n"),
    sentences.map((one) => new Phrase(one)),
    containsIn(exposed),
  );
}

function containsIn(
  exposed: NoticePerson["accounts"][number]["exposed"],
): (what: string) => boolean {
  return (what) =>
    exposed.some(({ category }) => category === what || category.startsWith(`${what}.`));
}

function unescapeMarkdown(text: string): string {
  return text.replaceAll(/\\([!-/:-@[-`{-~])/g, "$1");
}

type Page = {
  readonly subject: string;
  readonly language: string;
  readonly body: string;
  readonly organisation: string;
};

/** No colours and no pictures of our own: the reader's mail program knows whether it is dark. */
function page({ subject, language, body }: Page): string {
  if (subject.includes("\uE000"))
    throw new TocsinError("invalid", "a subject holds no value of a person's own");
  return `<!doctype html>
<html lang="${escapeHtml(language)}" dir="${directionOf(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(subject)}</title>
</head>
<body style="margin:0 auto;padding:1em;max-width:40em;font:1em/1.5 system-ui,sans-serif">
<main>
${body.trim()}
</main>
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
