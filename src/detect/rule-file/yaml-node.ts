// What stands in a rule's file: values that know where they were written.

export type YamlNode = YamlMap | YamlList | YamlScalar;

export type YamlMap = {
  readonly is: "map";
  readonly offset: number;
  readonly entries: readonly YamlEntry[];
};

export type YamlEntry = {
  readonly key: string;
  readonly keyOffset: number;
  readonly value: YamlNode;
};

export type YamlList = {
  readonly is: "list";
  readonly offset: number;
  readonly items: readonly YamlNode[];
};

export type YamlScalar = {
  readonly is: "scalar";
  readonly offset: number;
  readonly value: string | number | boolean | null;
  /** The value of a text; anything else as it is written: `0x17`, `007`. */
  readonly text: string;
  /** Where in the file a character of the text stands. */
  readonly offsetOf: (index: number) => number;
};

export function entryOf(map: YamlMap, key: string): YamlEntry | undefined {
  return map.entries.find((entry) => entry.key === key);
}

/** A list's items; a single value is a list of one. */
export function itemsOf(node: YamlNode): readonly YamlNode[] {
  return node.is === "list" ? node.items : [node];
}

export function isText(node: YamlNode): node is YamlScalar & { readonly value: string } {
  return node.is === "scalar" && typeof node.value === "string";
}
