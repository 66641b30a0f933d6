import type { Json } from "./event.ts";

/** What the specification says of one thing, as a rule with events that it matches and events that it does not. */
export type DetectionCase = {
  readonly about: string;
  /** The items of the only selection, or a whole `detection` where it has a condition. YAML. */
  readonly detection: string;
  readonly matches: readonly Json[];
  readonly misses: readonly Json[];
};

/** The rule of a case, with this id. Its log source is one that any event of the test has. */
export function ruleOf(detection: string, id: string): string {
  const whole = /^condition:/m.test(detection) ? detection : wrapped(detection);
  return `title: ${id}\nid: ${id}\nlogsource:\n  category: conformance\ndetection:\n${indented(whole)}`;
}

const wrapped = (items: string): string => `selection:\n${indented(items)}\ncondition: selection\n`;

const indented = (text: string): string =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => `  ${line}`)
    .join("\n");

/** A UUID for each case, by its number. */
export const caseId = (index: number): string =>
  `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
