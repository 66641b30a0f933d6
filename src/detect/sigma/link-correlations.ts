// Correlations refer to rules, correlations too: those are made first whose rules are there.
import { attributeProblem } from "./attribute.ts";
import type { Named } from "./condition.ts";
import type { CorrelationDraft } from "./draft.ts";
import type { Linked, Register } from "./link.ts";
import { choicesOf, MOST_CHOICES } from "./ordered-choices.ts";
import {
  type CorrelationRule,
  type Level,
  LEVELS,
  type Rule,
  type RuleExpression,
} from "./rule.ts";

const LONGEST_CHAIN = 16;

type Pending = Linked & { readonly draft: CorrelationDraft };
/** Of each correlation: what its references mean. */
type Targets = ReadonlyMap<Linked, ReadonlyMap<string, Linked>>;

export function linkCorrelations(register: Register): void {
  const targets = new Map<Linked, ReadonlyMap<string, Linked>>();
  let pending: Pending[] = [];
  for (const one of register.all) {
    if (!isPending(one)) continue;
    const found = resolve(one, register);
    if (!found) continue;
    targets.set(one, found);
    pending.push(one);
  }
  for (let round = 0; round < LONGEST_CHAIN && pending.length > 0; round += 1) {
    const ready = pending.filter((one) => [...(targets.get(one)?.values() ?? [])].every(isReady));
    if (ready.length === 0) break;
    for (const one of ready) make(one, targets.get(one) ?? new Map());
    pending = pending.filter((one) => !isReady(one));
  }
  const search = new CircleSearch(targets);
  for (const one of pending) refuse(one, search);
}

const isReady = (one: Linked): boolean => one.hasFailed || one.rule !== undefined;

function isPending(one: Linked): one is Pending {
  return one.draft.kind === "correlation" && !one.hasFailed;
}

/** What each reference means. */
function resolve(one: Pending, register: Register): ReadonlyMap<string, Linked> | undefined {
  const found = new Map<string, Linked>();
  for (const reference of one.draft.rules) {
    const target = register.find(reference);
    if ("message" in target)
      fail(one, reference.offset, `${target.message}: correct it, or read that rule too`);
    else if ([...found.values()].includes(target))
      fail(
        one,
        reference.offset,
        `${shorten(reference.ref)} is a rule that stands here already: keep one`,
      );
    else found.set(reference.ref, target);
  }
  return one.hasFailed ? undefined : found;
}

function fail(one: Linked, offset: number, message: string): undefined {
  one.hasFailed = true;
  return one.draft.notes.error(offset, message);
}

function make(one: Pending, targets: ReadonlyMap<string, Linked>): void {
  const { draft } = one;
  for (const { ref, offset } of draft.rules) {
    const target = targets.get(ref);
    if (target?.hasFailed)
      fail(
        one,
        offset,
        `the rule ${shorten(ref)} has an error itself (${where(target)}): mend that one`,
      );
  }
  if (one.hasFailed) return;
  const aliases = resolveAliases(one, targets);
  const expression = draft.expression && expressionOf(draft.expression.named, targets);
  if (
    draft.expression &&
    expression &&
    draft.counted.type === "temporal_ordered" &&
    !choicesOf(expression)
  )
    fail(
      one,
      draft.expression.offset,
      `in order, an expression may have ${MOST_CHOICES} choices, once its \`or\` are written out: split it`,
    );
  checkFields(one, targets, aliases);
  if (one.hasFailed) return;
  one.rule = {
    ...draft.metadata,
    ...draft.counted,
    id: one.id,
    kind: "correlation",
    level: draft.metadata.level ?? highest([...targets.values()]),
    rules: draft.rules.flatMap(({ ref }) => targets.get(ref)?.id ?? []),
    groupBy: draft.groupBy.map(({ ref }) => ref),
    aliases,
    expression,
  } satisfies CorrelationRule;
}

function where(one: Linked): string {
  const { file, line } = one.draft.notes.place(one.draft.offset);
  return `${file}:${line}`;
}

/** A correlation raises what it refers to, or leaves it as it is. */
function highest(targets: readonly Linked[]): Level {
  const ranks = targets.map(({ rule }) => LEVELS.indexOf(rule?.level ?? "medium"));
  return LEVELS[Math.max(...ranks)] ?? "medium";
}

function resolveAliases(
  one: Pending,
  targets: ReadonlyMap<string, Linked>,
): CorrelationRule["aliases"] {
  const aliases = new Map<string, ReadonlyMap<string, string>>();
  for (const { name, offset, fields } of one.draft.aliases) {
    const fieldOf = new Map<string, string>();
    for (const { ref, offset: at, field } of fields) {
      const target =
        targets.get(ref) ?? [...targets.values()].find((linked) => isCalled(linked, ref));
      if (target) fieldOf.set(target.id, field);
      else
        fail(
          one,
          at,
          `${shorten(ref)} is none of the rules of this correlation: name it in \`rules\` too`,
        );
    }
    const missing = [...targets].find(([, { id }]) => !fieldOf.has(id));
    if (missing)
      fail(
        one,
        offset,
        `the alias ${shorten(name)} says no field for ${shorten(missing[0])}: add it`,
      );
    aliases.set(name, fieldOf);
  }
  return aliases;
}

function isCalled({ id, draft }: Linked, ref: string): boolean {
  return (
    id.toLowerCase() === ref.toLowerCase() ||
    (draft.kind !== "broken" && draft.metadata.name === ref)
  );
}

function expressionOf(named: Named, targets: ReadonlyMap<string, Linked>): RuleExpression {
  if ("name" in named) return { rule: targets.get(named.name)?.id ?? named.name };
  if ("not" in named) return { not: expressionOf(named.not, targets) };
  if ("and" in named) return { and: named.and.map((part) => expressionOf(part, targets)) };
  return { or: named.or.map((part) => expressionOf(part, targets)) };
}

/** What a correlation asks of the events of each of its rules, they must be able to have. */
function checkFields(
  one: Pending,
  targets: ReadonlyMap<string, Linked>,
  aliases: CorrelationRule["aliases"],
): void {
  const { groupBy, rules, counted, notes } = one.draft;
  for (const { ref, offset } of rules) {
    const target = targets.get(ref);
    if (!target?.rule) continue;
    const grouped = groupBy.map((name) => ({
      field: aliases.get(name.ref)?.get(target.id) ?? name.ref,
      at: name.offset,
    }));
    const values = counted.valueFields.map((field) => ({ field, at: offset }));
    for (const { field, at } of [...grouped, ...values]) {
      const lacking = lackOf(target.rule, field);
      if (lacking === undefined) continue;
      if (target.rule.kind === "detection") fail(one, at, lacking);
      else notes.warn(offset, `${shorten(ref)} ${lacking}`);
    }
  }
}

/** A correlation's hits have the fields of its groups; events by OCSF, the attributes that there are. */
function lackOf(rule: Rule, field: string): string | undefined {
  if (rule.kind === "detection")
    return rule.taxonomy === "ocsf" ? attributeProblem(field) : undefined;
  if (rule.groupBy.includes(field)) return undefined;
  return `is a correlation without ${shorten(field)} in its \`group-by\`: what it finds has no such field and is in no group`;
}

const shorten = (text: string): string => text.slice(0, 80);

/** A circle, or a chain that is too long. */
function refuse(one: Pending, search: CircleSearch): void {
  const path = search.from(one);
  const message = path
    ? `this correlation refers to itself, by way of ${path.map(shorten).join(", ")}: cut the circle`
    : `correlations of correlations: at most ${LONGEST_CHAIN} deep, and no circle`;
  fail(one, one.draft.rules[0]?.offset ?? one.draft.offset, message);
}

/** Looks at so many rules in all, however many are hostile. */
const MOST_LOOKS = 1_000_000;

class CircleSearch {
  readonly #targets: Targets;
  #looks = 0;

  constructor(targets: Targets) {
    this.#targets = targets;
  }

  /** The references that lead back, the shortest way; undefined where none is found. */
  from(start: Pending): readonly string[] | undefined {
    const seen = new Set<Linked>();
    let level: { one: Linked; path: readonly string[] }[] = [{ one: start, path: [] }];
    for (let depth = 0; depth < LONGEST_CHAIN && level.length > 0; depth += 1) {
      const next: typeof level = [];
      for (const { one, path } of level) {
        for (const [ref, target] of this.#targets.get(one) ?? []) {
          this.#looks += 1;
          if (this.#looks > MOST_LOOKS) return undefined;
          if (target === start) return [...path, ref];
          if (!seen.has(target)) next.push({ one: target, path: [...path, ref] });
          seen.add(target);
        }
      }
      level = next;
    }
    return undefined;
  }
}
