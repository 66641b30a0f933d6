import { TocsinError } from "../../core/errors.ts";
import { escapeForUrl, requestTemplate } from "./request-template.ts";

export type Target = { readonly key: string; readonly secret?: string };

/** What a template may say of the targets. */
export type Values = {
  readonly target: Target | undefined;
  readonly targets: readonly Target[];
  readonly keys: readonly string[];
};

export function valuesOf(targets: readonly Target[]): Values {
  return { target: targets[0], targets, keys: targets.map((target) => target.key) };
}

/** A path below the connector's url. @throws TocsinError `invalid`, when it is filled in, where it leads away from there */
export function urlTemplate(base: string, path: string): (values: Values) => URL {
  const template = requestTemplate(path, escapeForUrl);
  const root = new URL(base);
  return (values) => {
    const url = new URL(base.replace(/\/$/, "") + template(values));
    // A template that begins with `@host` or `.example` would otherwise take the token elsewhere.
    if (url.origin !== root.origin)
      throw new TocsinError("invalid", "a path leads away from the connector's url");
    return url;
  };
}
