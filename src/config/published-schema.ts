import { z } from "zod";
import { IncidentFile } from "./incident-file.ts";
import { Organisation } from "./organisation.ts";

export const SCHEMAS = {
  tocsin: { schema: Organisation, title: "tocsin.yaml: the organisation" },
  incident: { schema: IncidentFile, title: "incident.yaml: one breach" },
} as const;

export type SchemaName = keyof typeof SCHEMAS;

/** The JSON Schema (2020-12) of a file as people write it. Editors complete and check by it; `schemas/` holds it as text. */
export function publishedSchema(name: SchemaName): SchemaNode {
  const { schema, title } = SCHEMAS[name];
  return SchemaNode.parse({
    title,
    ...z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }),
  });
}

/** As much of JSON Schema as is read again here. */
export type SchemaNode = {
  readonly description?: string | undefined;
  readonly properties?: Readonly<Record<string, SchemaNode>> | undefined;
  readonly additionalProperties?: SchemaNode | boolean | undefined;
  readonly items?: SchemaNode | undefined;
  readonly anyOf?: readonly SchemaNode[] | undefined;
};

const SchemaNode: z.ZodType<SchemaNode> = z.lazy(() =>
  z.looseObject({
    description: z.string().optional(),
    properties: z.record(z.string(), SchemaNode).optional(),
    additionalProperties: z.union([z.boolean(), SchemaNode]).optional(),
    items: SchemaNode.optional(),
    anyOf: z.array(SchemaNode).optional(),
  }),
);

/** Every schema that may hold at the path: a union has several. */
export function schemasAt(root: SchemaNode, path: readonly PropertyKey[]): SchemaNode[] {
  let nodes = options(root);
  for (const key of path) nodes = nodes.flatMap((node) => childOf(node, key)).flatMap(options);
  return nodes;
}

function options(node: SchemaNode): SchemaNode[] {
  return node.anyOf ? [node, ...node.anyOf.flatMap(options)] : [node];
}

function childOf(node: SchemaNode, key: PropertyKey): SchemaNode[] {
  if (typeof key === "number") return node.items ? [node.items] : [];
  const named = node.properties?.[String(key)];
  if (named) return [named];
  return typeof node.additionalProperties === "object" ? [node.additionalProperties] : [];
}
