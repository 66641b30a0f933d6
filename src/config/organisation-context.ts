import type { Actor } from "../core/scope.ts";
import type { Organisation } from "./organisation.ts";

/** As much of a `Context` as the files need: config lies below the stores and knows none. */
export type OrganisationContext = {
  readonly actor: Actor;
  readonly signal: AbortSignal;
  readonly organisation: Organisation;
  readonly folder: { readonly root: string };
};
