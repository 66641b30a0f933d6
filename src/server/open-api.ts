import { z } from "zod";
import type { Json } from "../core/canonical.ts";
import type { Route } from "./route.ts";

/** OpenAPI 3.1, made from the schemas that the verbs parse with. */
export function openApi(routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const schema = plainJson(z.toJSONSchema(route.input, { io: "input", unrepresentable: "any" }));
    paths[`/api/${route.name}`] = { [route.method.toLowerCase()]: operation(route, schema) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Tocsin",
      version: "0.1.0",
      description:
        "The verbs of a breach response. Ask for text/event-stream to get progress events and then `result` or `problem`. " +
        "A write may carry an Idempotency-Key: the same key gives the same answer and writes once.",
    },
    paths,
    components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    security: [{ token: [] }],
  };
}

function operation(route: Route, schema: Json): Json {
  const problem = {
    description: "a problem (RFC 9457), with Tocsin's code",
    content: { "application/problem+json": {} },
  };
  const common = {
    operationId: route.name,
    summary: route.summary,
    "x-scope": route.scope,
    responses: {
      "200": { description: "the result", content: { "application/json": {} } },
      default: problem,
    },
  };
  if (route.method === "POST") {
    const key = {
      name: "Idempotency-Key",
      in: "header",
      required: false,
      schema: { type: "string" },
    };
    return {
      ...common,
      parameters: [key],
      requestBody: { content: { "application/json": { schema } } },
    };
  }
  return { ...common, parameters: queryParameters(schema) };
}

const ObjectSchema = z.object({
  properties: z.record(z.string(), z.json()).default({}),
  required: z.array(z.string()).default([]),
});

function queryParameters(schema: Json): Json[] {
  const { properties, required } = ObjectSchema.parse(schema);
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema: one,
  }));
}

function plainJson(value: unknown): Json {
  return z.json().parse(JSON.parse(JSON.stringify(value)));
}
