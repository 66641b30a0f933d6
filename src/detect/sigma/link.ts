// Puts together what the documents say of each other: ids and names, filters, correlations.
import type {
  BrokenDraft,
  CorrelationDraft,
  DetectionDraft,
  Draft,
  FilterDraft,
  Reference,
} from "./draft.ts";
import { linkCorrelations } from "./link-correlations.ts";
import { makeId } from "./metadata.ts";
import type { Condition, DetectionRule, Place, Rule } from "./rule.ts";

/** A draft that others can refer to. `rule`: undefined while it is not made, and for good where it cannot be. */
export type Linked = {
  readonly draft: DetectionDraft | CorrelationDraft | BrokenDraft;
  readonly id: string;
  rule: Rule | undefined;
  /** Set where it cannot be used. */
  hasFailed: boolean;
};

/** The rules, in the order of the drafts. Problems are added to the drafts' notes. */
export function link(drafts: readonly Draft[]): Rule[] {
  const register = new Register(drafts);
  for (const one of register.all)
    if (one.draft.kind === "detection" && !one.hasFailed) one.rule = detectionOf(one.draft, one.id);
  for (const draft of drafts) if (draft.kind === "filter") applyFilter(draft, register);
  linkCorrelations(register);
  return register.all.flatMap(({ rule, hasFailed }) => (rule && !hasFailed ? [rule] : []));
}

/** Every rule by its id and its name. */
export class Register {
  readonly all: readonly Linked[];
  readonly #ids = new Map<string, Linked>();
  readonly #names = new Map<string, Linked[]>();

  constructor(drafts: readonly Draft[]) {
    const made = new Map<string, number>();
    this.all = drafts.flatMap((draft) => {
      if (draft.kind === "filter") return [];
      const one: Linked = {
        draft,
        id: idOf(draft, made),
        rule: undefined,
        hasFailed: draft.kind === "broken",
      };
      this.#addId(one);
      this.#addName(one);
      return [one];
    });
  }

  /** By id first. The message where there is none or where there are several. */
  find({ ref }: Reference): Linked | { readonly message: string } {
    const byId = this.#ids.get(ref.toLowerCase());
    if (byId) return byId;
    const [first, second] = this.#names.get(ref) ?? [];
    const shown = ref.slice(0, 80);
    if (!first)
      return {
        message: `there is no rule with the id or the name ${shown} among those that are read`,
      };
    if (second)
      return {
        message: `${shown} is the name of several rules: write the id of the one that is meant`,
      };
    return first;
  }

  #addId(one: Linked): void {
    const key = one.id.toLowerCase();
    const before = this.#ids.get(key);
    if (!before) return void this.#ids.set(key, one);
    const { file, line } = placeOf(before);
    one.hasFailed = true;
    one.draft.notes.error(
      one.draft.offset,
      `the id ${one.id.slice(0, 60)} is that of the rule at ${file}:${line}: give this one its own (uuidgen)`,
    );
  }

  #addName(one: Linked): void {
    const name = one.draft.kind === "broken" ? one.draft.name : one.draft.metadata.name;
    if (name === undefined) return;
    const known = this.#names.get(name) ?? [];
    this.#names.set(name, [...known, one]);
    const [first] = known;
    if (!first) return;
    const { file, line } = placeOf(first);
    one.draft.notes.warn(
      one.draft.offset,
      `the name ${name.slice(0, 60)} is that of the rule at ${file}:${line} too: nothing can refer to it by name`,
    );
  }
}

function placeOf({ draft }: Linked): Place {
  return draft.notes.place(draft.offset);
}

/** Rules without an id get one that stays as long as the file's name and the title do. */
function idOf(draft: Linked["draft"], made: Map<string, number>): string {
  const written = draft.kind === "broken" ? draft.id : draft.metadata.id;
  if (written !== undefined && written !== "") return written;
  const title = draft.kind === "broken" ? "" : draft.metadata.title;
  const key = JSON.stringify([draft.notes.source.name, title]);
  const count = made.get(key) ?? 0;
  made.set(key, count + 1);
  return makeId(draft.notes.source.name, title, String(count));
}

function detectionOf(
  { metadata, logsource, taxonomy, condition }: DetectionDraft,
  id: string,
): DetectionRule {
  return {
    ...metadata,
    id,
    level: metadata.level ?? "medium",
    kind: "detection",
    logsource,
    taxonomy,
    condition,
  };
}

/** A filter is one more condition: what it says must hold too. */
function applyFilter(filter: FilterDraft, register: Register): void {
  const targets =
    filter.rules === "any"
      ? register.all.filter((one) => isCovered(filter, one.rule))
      : named(filter, filter.rules, register);
  for (const target of targets) {
    const { rule } = target;
    if (rule?.kind === "detection")
      target.rule = { ...rule, condition: both(rule.condition, filter.condition) };
  }
}

function named(
  filter: FilterDraft,
  references: readonly Reference[],
  register: Register,
): Linked[] {
  const found = references.flatMap((reference) => {
    const target = register.find(reference);
    const message = "message" in target ? target.message : targetProblem(filter, target);
    if (message !== undefined)
      filter.notes.warn(reference.offset, `${message}: it is not filtered`);
    return "message" in target || message !== undefined ? [] : [target];
  });
  return [...new Set(found)];
}

function targetProblem(filter: FilterDraft, { rule }: Linked): string | undefined {
  if (!rule) return "this rule is a correlation or has an error itself";
  if (isCovered(filter, rule)) return undefined;
  return "the filter's logsource or taxonomy is not that of this rule";
}

/** Whatever the filter's log source names is the same in the rule's. */
function isCovered(filter: FilterDraft, rule: Rule | undefined): boolean {
  if (rule?.kind !== "detection" || rule.taxonomy !== filter.taxonomy) return false;
  return (["product", "category", "service"] as const).every(
    (key) => filter.logsource[key] === undefined || filter.logsource[key] === rule.logsource[key],
  );
}

function both(one: Condition, other: Condition): Condition {
  return { and: [...("and" in one ? one.and : [one]), other] };
}
