import type { TimedEvent } from "./correlate.ts";
import type { Json } from "./event.ts";

/**
 * What happened, in order: `0 a user=x, 1.5 b user=x n=3`. Seconds, the rule that matches it (`a`, `b` or `c`), fields; what
 * reads as a number is one, and null is null. Dots nest.
 */
export type Happenings = string;

/** A correlation with events that it finds something in and events that it does not. */
export type CorrelationCase = {
  readonly about: string;
  /** The `correlation` section. YAML. */
  readonly correlation: string;
  /** Further documents that it refers to. YAML. */
  readonly also?: string;
  readonly matches: readonly Happenings[];
  readonly misses: readonly Happenings[];
};

/** Detection rules named `a`, `b` and `c`: an event of that kind. */
export const DETECTIONS = ["a", "b", "c"].map(
  (kind) =>
    `title: ${kind}\nid: 00000000-0000-4000-8000-00000000000${kind}\nname: ${kind}\n` +
    `logsource:\n  category: conformance\ndetection:\n  selection:\n    kind: ${kind}\n  condition: selection\n`,
);

/** All documents of a case; the correlation has this id. */
export function rulesOf({ correlation, also }: CorrelationCase, id: string): string {
  const section = correlation
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => `  ${line}`)
    .join("\n");
  const judged = `title: ${id}\nid: ${id}\ncorrelation:\n${section}\n`;
  return [judged, ...DETECTIONS, ...(also === undefined ? [] : [also])].join("---\n");
}

/** The first moment of every sequence of events. */
export const ORIGIN = Date.UTC(2026, 2, 1, 12) * 1000;

export function eventsOf(happenings: Happenings): TimedEvent[] {
  const each = happenings.split(", ").filter((text) => text !== "");
  return each.map((text, index) => {
    const [seconds, kind = "", ...fields] = text.split(" ");
    const at = ORIGIN + Math.round(Number(seconds) * 1e6);
    return { at, place: index + 1, event: { time: isoTime(at), kind, ...objectOf(fields) } };
  });
}

function objectOf(fields: readonly string[]): { readonly [key: string]: Json } {
  return Object.fromEntries(
    fields.map((field) => {
      const [path = "", text = ""] = field.split("=");
      const [name = "", ...inner] = path.split(".");
      return [name, inner.length > 0 ? objectOf([`${inner.join(".")}=${text}`]) : valueOf(text)];
    }),
  );
}

function valueOf(text: string): Json {
  if (text === "null") return null;
  return /^-?\d/.test(text) ? Number(text) : text;
}

/** ISO 8601 with microseconds. */
export function isoTime(microseconds: number): string {
  const whole = new Date(Math.floor(microseconds / 1000)).toISOString().slice(0, -1);
  return `${whole}${String(microseconds % 1000).padStart(3, "0")}Z`;
}
