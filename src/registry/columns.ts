// Which columns of a source the registry's description names, and where.
import type { RegistrySource } from "../config/registry-schema.ts";

export type NamedColumn = {
  readonly column: string;
  /** Where in tocsin.yaml: `identifiers.phone`. */ readonly at: string;
};

/** Every use of a column, in the order of the file. One column may be named twice. */
export function namedColumns(source: RegistrySource): NamedColumn[] {
  const single = (
    [
      "key",
      "changed",
      "deleted",
      "shared_mailbox",
      "name",
      "country",
      "region",
      "language",
      "tenant",
    ] as const
  ).map((at) => ({ at, column: source[at] }));
  const nested = [
    ...Object.entries(source.identifiers).map(([kind, column]) => ({
      at: `identifiers.${kind}`,
      column,
    })),
    ...Object.entries(source.contacts).map(([role, column]) => ({
      at: `contacts.${role}`,
      column,
    })),
    { at: "minor", column: source.minor },
    { at: "do_not_contact", column: source.do_not_contact },
    ...(source.subject ?? []).map((column, index) => ({ at: `subject.${index}`, column })),
    ...source.attributes.map((column, index) => ({ at: `attributes.${index}`, column })),
  ];
  return [...single, ...nested].flatMap(({ at, column }) =>
    column === undefined ? [] : [{ at, column }],
  );
}

/** Each column once, the key first: the columns that are read. */
export function readColumns(source: RegistrySource): string[] {
  return [...new Set(namedColumns(source).map(({ column }) => column))];
}
