// Where the fields of a rule stand in the events of one format.
import type { FieldPlace, Format } from "../../logs/format.ts";
import { EVENT_COLUMNS } from "../../logs/event-columns.ts";
import { PLACE_ATTRIBUTES, type PlaceColumn } from "../../logs/places/places.sql.ts";
import type { DetectionRule } from "../sigma/rule.ts";

/** A format says where the record tells it; of the source's address the data of places tells more. */
export type ReadPlace = FieldPlace | { readonly in: "place"; readonly column: PlaceColumn };

export type Taxonomy = DetectionRule["taxonomy"];

/** In order: the first that is there is it. None: no event of the format has such a field. */
export function placesOf(format: Format, taxonomy: Taxonomy, field: string): readonly ReadPlace[] {
  if (taxonomy === "sigma") {
    const places = format
      .fieldPlaces(field)
      .filter((place) => place.in !== "json" || place.path.length > 0);
    return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
  }
  const told = PLACE_ATTRIBUTES.get(field);
  if (told !== undefined) return [{ in: "place", column: told }];
  const found = Object.entries(EVENT_COLUMNS).find(([attribute]) => attribute === field);
  return found ? [{ in: "column", column: found[1].column }] : [];
}
