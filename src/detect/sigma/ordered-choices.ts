import type { RuleExpression } from "./rule.ts";

/** Rules that must match, and rules that must not. */
export type Choice = {
  readonly all: ReadonlySet<string>;
  readonly none: ReadonlySet<string>;
};

/** An expression with more choices than these is too much to look for in order. */
export const MOST_CHOICES = 32;
const MOST_STEPS = 4_096;

/** An expression as choices: it holds where one of them does. Undefined where there are more than `MOST_CHOICES` on the way. */
export function choicesOf(expression: RuleExpression): readonly Choice[] | undefined {
  return expanded(expression, { isTrue: true, steps: { left: MOST_STEPS } });
}

type Expanding = { readonly isTrue: boolean; readonly steps: { left: number } };

function expanded(expression: RuleExpression, how: Expanding): readonly Choice[] | undefined {
  if ("rule" in expression) {
    const [all, none] = how.isTrue ? [[expression.rule], []] : [[], [expression.rule]];
    return [{ all: new Set(all), none: new Set(none) }];
  }
  if ("not" in expression) return expanded(expression.not, { ...how, isTrue: !how.isTrue });
  const [parts, joined] =
    "and" in expression ? [expression.and, how.isTrue] : [expression.or, !how.isTrue];
  let choices: readonly Choice[] | undefined;
  for (const part of parts) {
    const more = expanded(part, how);
    if (more === undefined) return undefined;
    if (choices === undefined) choices = more;
    else choices = smallest(joined ? pairs(choices, more) : [...choices, ...more]);
    how.steps.left -= choices.length;
    if (choices.length > MOST_CHOICES || how.steps.left < 0) return undefined;
  }
  return choices ?? [];
}

function pairs(some: readonly Choice[], others: readonly Choice[]): Choice[] {
  return some
    .flatMap((one) =>
      others.map((other) => ({
        all: one.all.union(other.all),
        none: one.none.union(other.none),
      })),
    )
    .filter(({ all, none }) => all.isDisjointFrom(none));
}

/** Without those that ask for more than another one does. */
function smallest(choices: readonly Choice[]): Choice[] {
  const kept: Choice[] = [];
  for (const one of choices.toSorted((a, b) => sizeOf(a) - sizeOf(b)))
    if (!kept.some(({ all, none }) => all.isSubsetOf(one.all) && none.isSubsetOf(one.none)))
      kept.push(one);
  return kept;
}

function sizeOf({ all, none }: Choice): number {
  return all.size + none.size;
}
