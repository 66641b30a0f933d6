// Liquid templates of requests. What is put in is escaped for the place where it lands, so that a key cannot leave its
// string, its path segment or its form field.
import { Liquid, type Template } from "liquidjs";
import { TocsinError } from "../../core/errors.ts";

export type Escape = (value: string) => string;

export type RequestTemplate = (values: Readonly<Record<string, unknown>>) => string;

/** Path segments and query values. `.` and `..` walk along the path however they are encoded (WHATWG URL, 4.4), so they are refused. */
export const escapeForUrl: Escape = (value) => {
  if (/^\.{1,2}$/.test(value))
    throw new TocsinError("invalid", "a key of dots alone cannot stand in a path");
  return encodeURIComponent(value);
};

/** The inside of a JSON string. */
export const escapeForJson: Escape = (value) => JSON.stringify(value).slice(1, -1);

const asItIs: Escape = (value) => value;

/** By the body's content type; a type that we do not know gets no escaping, and `headers` never: Node refuses line breaks. */
export function escapeFor(contentType: string): Escape {
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type.endsWith("json")) return escapeForJson;
  if (type === "application/x-www-form-urlencoded") return encodeURIComponent;
  return asItIs;
}

/**
 * Compiles one template. `{{ x | json }}` writes a whole JSON value. Templates cannot include files, and a name that is not
 * there is an error, not an empty text.
 * @throws TocsinError `invalid` where the template does not parse; so does what is returned, where it cannot be filled
 */
export function requestTemplate(source: string, escape: Escape = asItIs): RequestTemplate {
  const engine = new Liquid({
    outputEscape: (value: unknown) => escape(String(value)),
    templates: {},
    strictFilters: true,
    strictVariables: true,
    ownPropertyOnly: true,
    renderLimit: 1_000,
  });
  engine.registerFilter("json", { raw: true, handler: (value: unknown) => JSON.stringify(value) });
  const parsed = parsedOrInvalid(engine, source);
  return (values) => {
    try {
      return String(engine.renderSync(parsed, { ...values }));
    } catch (error) {
      throw new TocsinError(
        "invalid",
        "a template could not be filled: it names something that is not there",
        { cause: error },
      );
    }
  };
}

function parsedOrInvalid(engine: Liquid, source: string): Template[] {
  try {
    return engine.parse(source);
  } catch (error) {
    throw new TocsinError(
      "invalid",
      `a template does not parse: ${error instanceof Error ? error.message : "unknown"}`,
      {
        cause: error,
      },
    );
  }
}
