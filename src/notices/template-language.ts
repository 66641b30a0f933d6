// The language of templates: Liquid, cut down to what is safe to give to a person's data and to a mail that goes to 184,000 people.
import { Liquid, type Template } from "liquidjs";
import { escapeMarkdown, Phrase } from "./phrase.ts";

const TAGS: ReadonlySet<string> = new Set([
  "if",
  "unless",
  "case",
  "for",
  "assign",
  "comment",
  "raw",
  "break",
  "continue",
  "#",
]);
const FILTERS: ReadonlySet<string> = new Set(["default", "size", "first", "last"]);

/** Characters of source, milliseconds of rendering, and liquidjs' measure of memory. A shape is rendered once, so these are generous. */
const LIMITS = { parseLimit: 200_000, renderLimit: 500, memoryLimit: 2_000_000 };

export type TemplateLanguage = {
  parse(source: string): Template[];
  /** @throws LiquidError with line and column */
  render(
    template: Template[],
    scope: Readonly<Record<string, unknown>>,
    onEmpty: () => void,
  ): string;
  /** Names at the root of what the template prints or asks for. */
  variables(template: Template[]): readonly string[];
};

/** No files, no includes, no filters beyond four; unknown names are errors. */
export function templateLanguage(): TemplateLanguage {
  let emptied: (() => void) | undefined;
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    relativeReference: false,
    templates: {},
    jsTruthy: false,
    ...LIMITS,
    outputEscape: (value: unknown) => {
      if (value === undefined || value === "" || isUnprintable(value)) emptied?.();
      if (value instanceof Phrase) return value.markdown;
      return typeof value === "string" || typeof value === "number"
        ? escapeMarkdown(String(value))
        : "";
    },
  });
  for (const tag of Object.keys(engine.tags))
    if (!TAGS.has(tag)) Reflect.deleteProperty(engine.tags, tag);
  for (const filter of Object.keys(engine.filters)) {
    if (!FILTERS.has(filter)) Reflect.deleteProperty(engine.filters, filter);
  }
  return {
    parse: (source) => engine.parse(source),
    variables: (template) => engine.globalVariablesSync(template),
    render: (template, scope, onEmpty) => {
      emptied = onEmpty;
      return String(engine.renderSync(template, scope));
    },
  };
}

// Null, a list and an object have no words of their own; nor has a yes or no.
function isUnprintable(value: unknown): boolean {
  return !(value instanceof Phrase) && typeof value !== "string" && typeof value !== "number";
}
