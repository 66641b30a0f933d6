import type { z } from "zod";
import type { Scope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";

/** A verb on the wire: `GET /api/NAME?…` where it only reads, `POST /api/NAME` with a JSON body where it writes. */
export type Route = {
  /** kebab-case; the operationId of the OpenAPI description. */
  readonly name: string;
  readonly method: "GET" | "POST";
  readonly summary: string;
  /** For the description; the verb itself requires it. */
  readonly scope: Scope;
  readonly input: z.ZodType;
  readonly run: (ctx: Context, input: unknown) => Promise<unknown>;
};

/** Ties the verb to its schema, so that a route whose verb takes something else does not compile. */
export function route<Schema extends z.ZodType>(of: {
  name: string;
  method: Route["method"];
  summary: string;
  scope: Scope;
  input: Schema;
  run: (ctx: Context, input: z.input<Schema>) => Promise<unknown>;
}): Route {
  // The verb parses its input itself and trusts no adapter: what comes in here is anything at all.
  return { ...of, run: of.run as Route["run"] };
}
