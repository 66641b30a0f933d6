// `field|modifiers: value` or a list of values, as a condition.
import { isIP } from "node:net";
import { toRe2 } from "../re2/to-re2.ts";
import { attributeProblem } from "./attribute.ts";
import { type Chain, readChain, type ValueKind } from "./modifiers.ts";
import type { Notes } from "../rule-file/notes.ts";
import { expand, hasPlaceholder, type Placeholders } from "./placeholders.ts";
import type { Condition, DetectionRule, Test, TimePart } from "./rule.ts";
import { readText, textAsRegex } from "./text-value.ts";
import { itemsOf, type YamlEntry, type YamlNode, type YamlScalar } from "../rule-file/yaml-node.ts";

/** What the reading of one rule needs and may use up. */
export type Around = {
  readonly notes: Notes;
  readonly placeholders: Placeholders;
  readonly taxonomy: DetectionRule["taxonomy"];
  /** Tests that the rule may still have. */
  left: number;
};

/** Undefined where something is wrong with it; the notes say what. */
export function readItem(entry: YamlEntry, around: Around): Condition | undefined {
  const chain = readChain(entry.key);
  if ("message" in chain) return around.notes.error(entry.keyOffset + chain.at, chain.message);
  const problem = keyProblem(chain, entry.value) ?? fieldProblem(chain, around);
  if (problem !== undefined) return around.notes.error(entry.keyOffset, problem);
  if (chain.all && itemsOf(entry.value).length === 1)
    around.notes.warn(entry.keyOffset, "`all` means nothing with a single value: remove it");
  return readValues(chain, entry.value, around);
}

/** A text or number of a list without fields. */
export function readKeyword(node: YamlNode, around: Around): Condition | undefined {
  if (node.is !== "scalar")
    return around.notes.error(node.offset, "a text or a map is wanted here, not a list");
  return readValues(KEYWORD, node, around);
}

const KEYWORD: Chain = {
  field: undefined,
  value: { is: "plain", rewrites: [], cased: false },
  all: false,
  negated: false,
  expand: false,
  isModified: false,
};

function keyProblem(
  { field, value, all, negated, isModified }: Chain,
  values: YamlNode,
): string | undefined {
  if (values.is === "map")
    return "a field's value is a text, a number or a list of these: write nested names with a dot, `a.b`";
  if (values.is === "list" && values.items.length === 0)
    return "this list is empty: give it a value";
  if (field !== undefined) return undefined;
  if (!all && !negated && !isModified) return "a field's name is missing before the colon";
  if (value.is !== "plain" && value.is !== "regex")
    return "this modifier asks for a field: write its name before the `|`";
  const isAnchored =
    value.is === "plain" &&
    value.rewrites.some((one) => one === "startswith" || one === "endswith");
  return isAnchored
    ? "a keyword may stand anywhere: remove startswith and endswith, or name a field"
    : undefined;
}

function fieldProblem({ field }: Chain, { taxonomy }: Around): string | undefined {
  return taxonomy === "ocsf" && field !== undefined ? attributeProblem(field) : undefined;
}

function readValues(chain: Chain, node: YamlNode, around: Around): Condition | undefined {
  const items = itemsOf(node);
  const parts: Condition[] = [];
  for (const item of items) {
    if (items.length > 1 && item.is === "scalar" && item.value === null) {
      around.notes.error(item.offset, NULL_IN_LIST);
      continue;
    }
    const part = readValue(chain, item, around);
    if (part === "refuse all") return undefined;
    if (part) parts.push(part);
  }
  if (parts.length < items.length) return undefined;
  const linked = join(parts, chain.all ? "and" : "or");
  return chain.negated ? { not: linked } : linked;
}

const NULL_IN_LIST =
  "null is a kind of its own and cannot stand in a list: give it a selection of its own and join them with `or`";

/** One of them is itself. */
export function join(parts: readonly Condition[], how: "and" | "or"): Condition {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  return how === "and" ? { and: parts } : { or: parts };
}

function readValue(
  chain: Chain,
  node: YamlNode,
  around: Around,
): Condition | "refuse all" | undefined {
  const { notes } = around;
  if (node.is !== "scalar")
    return notes.error(node.offset, "a text or a number is wanted here, not a list or a map");
  const tests = testsOf(chain, node, around);
  if (!tests) return undefined;
  around.left -= tests.length;
  if (around.left < 0) {
    notes.error(
      node.offset,
      "the rule's values make more tests than a rule may have: write several rules",
    );
    return "refuse all";
  }
  return join(
    tests.map((test) => ({ leaf: { field: chain.field, test } })),
    "or",
  );
}

function testsOf(chain: Chain, scalar: YamlScalar, around: Around): readonly Test[] | undefined {
  const { value: kind } = chain;
  if (kind.is === "plain") return plainTests(chain, kind, { scalar, around });
  if (kind.is === "regex") return regexTests(chain, kind, { scalar, around });
  if (kind.is === "cidr") return cidrTests(chain, { scalar, around });
  if (kind.is === "compare") return compareTests(kind, scalar, around.notes);
  if (kind.is === "field") return fieldTests(kind, { scalar, around });
  if (typeof scalar.value === "boolean") return [{ kind: "exists", wanted: scalar.value }];
  return around.notes.error(scalar.offset, "`exists` takes true or false, without quotes");
}

type Given = { readonly scalar: YamlScalar; readonly around: Around };

type Plain = Extract<ValueKind, { is: "plain" }>;

function plainTests(
  chain: Chain,
  kind: Plain,
  { scalar, around }: Given,
): readonly Test[] | undefined {
  if (chain.field !== undefined && !chain.isModified) {
    const asWritten = valueTest(scalar);
    if (asWritten) return [asWritten];
  }
  const problem = textProblem(kind, scalar);
  if (problem !== undefined) return around.notes.error(scalar.offset, problem);
  if (
    kind.rewrites.includes("base64offset") &&
    !kind.rewrites.includes("contains") &&
    chain.field !== undefined
  )
    around.notes.warn(
      scalar.offset,
      "`base64offset` without `contains` finds only values that are nothing else: write `base64offset|contains`",
    );
  return textTests(chain, kind, { scalar, around });
}

/** What is no text is compared as what it is. */
function valueTest(scalar: YamlScalar): Test | undefined {
  const { value } = scalar;
  if (value === null) return { kind: "null" };
  if (typeof value === "boolean") return { kind: "flag", value };
  return typeof value === "number" && !isLargeInteger(scalar)
    ? { kind: "number", value }
    : undefined;
}

function textProblem({ rewrites }: Plain, { value }: YamlScalar): string | undefined {
  if (value === null)
    return "null cannot be changed or be a keyword: ask for it with a key of its own, without modifiers";
  const isOfText = rewrites.some((one) => one === "windash" || /^(?:utf16|base64)/.test(one));
  return isOfText && typeof value !== "string"
    ? "this modifier takes text: put the value in quotes"
    : undefined;
}

function textTests(
  chain: Chain,
  kind: Plain,
  { scalar, around }: Given,
): readonly Test[] | undefined {
  const texts = expanded(chain, { scalar, around });
  if (!texts) return undefined;
  const tests: Test[] = [];
  for (const text of texts) {
    const made = readText(text, { ...kind, isKeyword: chain.field === undefined });
    if ("message" in made) return around.notes.error(scalar.offset, made.message);
    tests.push(...made);
    if (tests.length > around.left) break;
  }
  return tests;
}

/** Beyond what a number holds exactly: compared as the text that it is. */
function isLargeInteger({ value, text }: YamlScalar): boolean {
  return (
    typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER && /^-?\d+$/.test(text)
  );
}

function expanded(
  chain: Chain,
  { scalar, around }: Given,
  write?: (value: string) => string,
): readonly string[] | undefined {
  if (!chain.expand) return [scalar.text];
  if (!hasPlaceholder(scalar.text))
    around.notes.warn(scalar.offset, "`expand` finds no %placeholder% here: remove it");
  const made = expand(scalar.text, around.placeholders, write);
  return "message" in made ? around.notes.error(scalar.offsetOf(made.at), made.message) : made;
}

function regexTests(
  chain: Chain,
  { flags }: Extract<ValueKind, { is: "regex" }>,
  { scalar, around }: Given,
): readonly Test[] | undefined {
  const { notes } = around;
  if (typeof scalar.value !== "string")
    return notes.error(scalar.offset, "`re` takes text: put the expression in quotes");
  if (scalar.text === "")
    notes.warn(scalar.offset, "an empty expression is found in every value: use `exists: true`");
  const sources = expanded(chain, { scalar, around }, textAsRegex);
  const tests: Test[] = [];
  for (const source of sources ?? []) {
    const made = toRe2(source);
    if ("message" in made)
      return notes.error(scalar.offsetOf(chain.expand ? 0 : made.at), made.message);
    tests.push({ kind: "regex", source: made.source, flags });
  }
  return sources && tests;
}

function cidrTests(chain: Chain, { scalar, around }: Given): readonly Test[] | undefined {
  const ranges = expanded(chain, { scalar, around });
  const tests: Test[] = [];
  for (const range of ranges ?? []) {
    const whole = wholeRange(range);
    if (whole === undefined)
      return around.notes.error(
        scalar.offset,
        `\`cidr\` takes a range such as 10.0.0.0/8 or 2001:db8::/32, not ${JSON.stringify(range.slice(0, 60))}`,
      );
    tests.push({ kind: "cidr", range: whole });
  }
  return ranges && tests;
}

/** An address alone is the range of itself. */
function wholeRange(range: string): string | undefined {
  const [address = "", bits, ...more] = range.split("/");
  const version = isIP(address);
  if (version === 0 || address.includes("%") || more.length > 0) return undefined;
  const most = version === 4 ? 32 : 128;
  if (bits === undefined) return `${address}/${most}`;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most ? `${address}/${Number(bits)}` : undefined;
}

const PART_RANGES = {
  minute: [0, 59],
  hour: [0, 23],
  day: [1, 31],
  week: [1, 53],
  month: [1, 12],
  year: [0, 9999],
} as const satisfies Record<TimePart, readonly [number, number]>;

function compareTests(
  { op, of }: Extract<ValueKind, { is: "compare" }>,
  scalar: YamlScalar,
  notes: Notes,
): readonly Test[] | undefined {
  const { value } = scalar;
  const name = op === "eq" ? of : op;
  if (typeof value !== "number")
    return notes.error(scalar.offset, `\`${name}\` takes a number, without quotes`);
  if (isLargeInteger(scalar))
    return notes.error(
      scalar.offset,
      `numbers are compared up to ${Number.MAX_SAFE_INTEGER}: write a smaller one`,
    );
  if (of !== undefined) {
    const [least, most] = PART_RANGES[of];
    if (!Number.isInteger(value) || value < least || value > most)
      return notes.error(scalar.offset, `\`${of}\` takes a whole number from ${least} to ${most}`);
  }
  return [{ kind: "compare", op, to: value, of }];
}

function fieldTests(
  { how, cased }: Extract<ValueKind, { is: "field" }>,
  { scalar, around }: Given,
): readonly Test[] | undefined {
  const other = scalar.value;
  const problem = otherProblem(other, around);
  if (problem !== undefined) return around.notes.error(scalar.offset, problem);
  return [{ kind: "field", other: String(other), how, cased }];
}

function otherProblem(other: YamlScalar["value"], { taxonomy }: Around): string | undefined {
  if (typeof other !== "string" || other === "") return "`fieldref` takes the name of a field";
  if (/[*?]/.test(other))
    return "a field's name has no wildcards: write `fieldref|contains` and the name alone";
  return taxonomy === "ocsf" ? attributeProblem(other) : undefined;
}
