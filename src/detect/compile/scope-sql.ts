import { quote } from "../../db/click-bind.ts";

/** Which events are looked at; all of them where nothing is said. */
export type EventScope = {
  readonly sources?: readonly string[];
  /** Those that arrived later than `after`, up to and with `upTo`. */
  readonly batches?: { readonly after: number; readonly upTo: number };
  /** These alone. A few thousand: they stand in the statement. */
  readonly places?: readonly { readonly source: string; readonly place: number }[];
};

/** Conditions over the columns of `events`. */
export function scopeSql({ sources, batches, places }: EventScope): string[] {
  return [
    ...(sources === undefined
      ? []
      : [sources.length === 0 ? "false" : `source in (${sources.map(quote).join(", ")})`]),
    ...(places === undefined ? [] : [placesSql(places)]),
    ...(batches === undefined ? [] : [`batch > ${batches.after} and batch <= ${batches.upTo}`]),
  ];
}

function placesSql(places: NonNullable<EventScope["places"]>): string {
  if (places.length === 0) return "false";
  return `(source, place) in (${places.map(({ source, place }) => `(${quote(source)}, ${place})`).join(", ")})`;
}
