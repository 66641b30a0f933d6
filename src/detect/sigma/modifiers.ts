// `field|modifier|modifier`: which chains mean something, and what they are.
import {
  COMPARISONS,
  type Comparison,
  type RegexFlags,
  TIME_PARTS,
  type TimePart,
} from "./rule.ts";

const ENCODINGS = ["utf16le", "utf16be", "utf16", "base64", "base64offset"] as const;
const WILDCARDS = ["contains", "startswith", "endswith"] as const;

export type Encoding = (typeof ENCODINGS)[number];
export type Wildcards = (typeof WILDCARDS)[number];

/** What changes a text, in the order written. */
export type Rewrite = Encoding | Wildcards | "windash";

/** What the values are. */
export type ValueKind =
  | { readonly is: "plain"; readonly rewrites: readonly Rewrite[]; readonly cased: boolean }
  | { readonly is: "regex"; readonly flags: RegexFlags }
  | { readonly is: "cidr" }
  | { readonly is: "exists" }
  | {
      readonly is: "compare";
      readonly op: Exclude<Comparison, "neq">;
      readonly of: TimePart | undefined;
    }
  | { readonly is: "field"; readonly how: "equals" | Wildcards; readonly cased: boolean };

export type Chain = {
  /** Undefined for keywords. */
  readonly field: string | undefined;
  readonly value: ValueKind;
  /** All values must hold, not any. */
  readonly all: boolean;
  readonly negated: boolean;
  readonly expand: boolean;
  /** Any modifier but `all` and `neq`. */
  readonly isModified: boolean;
};

export type ChainProblem = { readonly at: number; readonly message: string };

const ALIASES: ReadonlyMap<string, string> = new Map([
  ["wide", "utf16le"],
  ["ignorecase", "i"],
  ["multiline", "m"],
  ["dotall", "s"],
]);

const ORDERS = COMPARISONS.filter((one) => one !== "eq" && one !== "neq");
const FLAGS = ["i", "m", "s"];
const ANYWHERE = ["all", "neq", "expand"];
const KNOWN = [
  ...ENCODINGS,
  ...WILDCARDS,
  "windash",
  "cased",
  "re",
  ...FLAGS,
  "cidr",
  "exists",
  "fieldref",
  ...ORDERS,
  ...TIME_PARTS,
  ...ANYWHERE,
];

/** Those that say what the value is, and which others may stand beside each. */
const KINDS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["re", [...FLAGS, ...ANYWHERE]],
  ["cidr", ANYWHERE],
  ["exists", []],
  ["fieldref", [...WILDCARDS, "cased", "all", "neq"]],
  ...ORDERS.map((op): [string, string[]] => [op, [...TIME_PARTS, "all", "neq"]]),
  ...TIME_PARTS.map((part): [string, string[]] => [part, [...ORDERS, "all", "neq"]]),
]);

/** `at`: where in the key. */
export function readChain(key: string): Chain | ChainProblem {
  const [field = "", ...written] = key.split("|");
  const names = written.map((name) => ALIASES.get(name) ?? name);
  const problem =
    unknownOf(names, written) ??
    repeatedOf(names) ??
    setProblem(names) ??
    kindProblem(names) ??
    orderProblem(names);
  if (problem) {
    const before = [field, ...written.slice(0, problem.index)].join("|");
    return { at: before.length + 1, message: problem.message };
  }
  if (field.trim() !== field)
    return { at: 0, message: "a space stands before or behind the field's name: remove it" };
  return {
    field: field === "" ? undefined : field,
    value: kindOf(names),
    all: names.includes("all"),
    negated: names.includes("neq"),
    expand: names.includes("expand"),
    isModified: names.some((name) => name !== "all" && name !== "neq"),
  };
}

type Wrong = { readonly index: number; readonly message: string };

function unknownOf(names: readonly string[], written: readonly string[]): Wrong | undefined {
  const index = names.findIndex((name) => !KNOWN.includes(name));
  if (index < 0) return undefined;
  const name = written[index] ?? "";
  const near = KNOWN.find((known) => known === name.trim().toLowerCase());
  const advice = near ? `write \`${near}\`` : `there are ${KNOWN.join(", ")}`;
  return {
    index,
    message:
      name === ""
        ? "a modifier is missing behind `|`"
        : `there is no modifier \`${name.slice(0, 40)}\`: ${advice}`,
  };
}

function repeatedOf(names: readonly string[]): Wrong | undefined {
  const index = names.findIndex((name, place) => names.indexOf(name) < place);
  return index < 0
    ? undefined
    : { index, message: `\`${names[index]}\` stands here twice: keep one` };
}

function kindProblem(names: readonly string[]): Wrong | undefined {
  for (const [index, name] of names.entries()) {
    const beside = KINDS.get(name);
    const other = beside && names.findIndex((one) => one !== name && !beside.includes(one));
    if (beside && other !== undefined && other >= 0)
      return { index: Math.max(index, other), message: besideMessage(name, names[other] ?? "") };
    if (FLAGS.includes(name) && !names.includes("re"))
      return { index, message: `\`${name}\` is a flag of \`re\`: write \`re|${name}\`` };
  }
  return undefined;
}

/** Two of a set that rule each other out. */
function setProblem(names: readonly string[]): Wrong | undefined {
  const orders = names.filter((name) => ORDERS.some((order) => order === name));
  const [, other] = orders;
  if (other !== undefined)
    return {
      index: names.indexOf(other),
      message: "one comparison a key: write two keys for a range",
    };
  const parts = names.filter((name) => TIME_PARTS.some((part) => part === name));
  const [, second] = parts;
  if (second !== undefined)
    return { index: names.indexOf(second), message: "one part of a time a key: write two keys" };
  const wildcards = names.filter((name) => WILDCARDS.some((one) => one === name));
  const [, superfluous] = wildcards;
  if (superfluous !== undefined)
    return {
      index: names.indexOf(superfluous),
      message: `\`${wildcards.join("|")}\`: write \`contains\` alone for both ends`,
    };
  if (names.includes("base64") && names.includes("base64offset"))
    return {
      index: names.indexOf("base64offset"),
      message:
        "`base64` or `base64offset`, not both: `base64offset` finds the value wherever it stands",
    };
  return undefined;
}

function besideMessage(kind: string, other: string): string {
  if (kind === "re" && WILDCARDS.some((one) => one === other))
    return `\`${other}\` means nothing beside \`re\`: an expression is found anywhere unless it is anchored with ^ and $`;
  if (kind === "re" && other === "cased")
    return "`re` is case-sensitive already: remove `cased`, or `re|i` for letters of either case";
  if (kind === "exists")
    return `\`${other}\` means nothing beside \`exists\`: write exists: true or exists: false`;
  return `\`${other}\` means nothing beside \`${kind}\`: remove one of them`;
}

/** Modifiers are applied in the order written: each must be given what it takes. */
function orderProblem(names: readonly string[]): Wrong | undefined {
  const isAfter = (later: readonly string[], earlier: readonly string[]): number =>
    names.findIndex(
      (name, place) =>
        later.includes(name) && names.slice(0, place).some((one) => earlier.includes(one)),
    );
  for (const { later, earlier, message } of ORDER_RULES) {
    const index = isAfter(later, earlier);
    if (index >= 0) return { index, message };
  }
  return undefined;
}

const ORDER_RULES: readonly {
  later: readonly string[];
  earlier: readonly string[];
  message: string;
}[] = [
  {
    later: ["base64", "base64offset"],
    earlier: WILDCARDS,
    message: "wildcards cannot be encoded: write `base64|contains`, the encoding first",
  },
  {
    later: ["utf16", "utf16le", "utf16be"],
    earlier: WILDCARDS,
    message: "encode first: write `wide|contains`",
  },
  {
    later: ["windash"],
    earlier: ENCODINGS,
    message: "dashes are gone once a value is encoded: write `windash` first",
  },
  {
    later: ["utf16", "utf16le", "utf16be"],
    earlier: ["utf16", "utf16le", "utf16be"],
    message: "one encoding to UTF-16 is enough: keep one",
  },
  { later: ["re"], earlier: FLAGS, message: "flags stand behind `re`: write `re|i`" },
  {
    later: ["fieldref"],
    earlier: [...WILDCARDS, "cased"],
    message: "`fieldref` comes first: write `fieldref|endswith`",
  },
  {
    later: TIME_PARTS,
    earlier: ORDERS,
    message: "the part of the time comes first: write `hour|gte`",
  },
];

function kindOf(names: readonly string[]): ValueKind {
  const has = (name: string): boolean => names.includes(name);
  const cased = has("cased");
  if (has("re"))
    return { is: "regex", flags: { ignoreCase: has("i"), multiline: has("m"), dotAll: has("s") } };
  if (has("cidr")) return { is: "cidr" };
  if (has("exists")) return { is: "exists" };
  if (has("fieldref"))
    return { is: "field", how: WILDCARDS.find((name) => has(name)) ?? "equals", cased };
  const op = (["lt", "lte", "gt", "gte"] as const).find((name) => has(name));
  const of = TIME_PARTS.find((name) => has(name));
  if (op || of) return { is: "compare", op: op ?? "eq", of };
  const rewrites = [...ENCODINGS, ...WILDCARDS, "windash" as const].filter((name) => has(name));
  return {
    is: "plain",
    cased,
    rewrites: rewrites.toSorted((a, b) => names.indexOf(a) - names.indexOf(b)),
  };
}
