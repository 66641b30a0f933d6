import { quote } from "../../db/click-bind.ts";

/** Which events are looked at; all of them where nothing is said. */
export type EventScope = {
  readonly sources?: readonly string[];
  /** Those that arrived later than `after`, up to and with `upTo`. */
  readonly batches?: { readonly after: number; readonly upTo: number };
};

/** Conditions over the columns of `events`. */
export function scopeSql({ sources, batches }: EventScope): string[] {
  return [
    ...(sources === undefined
      ? []
      : [sources.length === 0 ? "false" : `source in (${sources.map(quote).join(", ")})`]),
    ...(batches === undefined ? [] : [`batch > ${batches.after} and batch <= ${batches.upTo}`]),
  ];
}
