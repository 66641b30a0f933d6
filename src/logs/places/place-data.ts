// Countries and networks of addresses, kept offline in two npm packages: who was given an address by the registries (CC0), and who announces it
// (CC BY 4.0: RouteViews, DB-IP). It is as old as its version says, and where a network is registered is not where a person sits.
import { access } from "node:fs/promises";
import { join } from "node:path";

/** Of both packages. Its last part is the moment at which they were made: 2026-06-17, 19 h. */
export const PLACES_VERSION = "2.3.2026061719";

/** ISO 8601 date of the data, to be shown beside it. */
export const PLACES_DATE = PLACES_VERSION.replace(/^.*\.(\d{4})(\d\d)(\d\d)\d\d$/, "$1-$2-$3");

/** To be shown where networks' names are. */
export const PLACES_ATTRIBUTION = "networks: routeviews.org, db-ip.com (CC BY 4.0)";

const PACKAGES = join(import.meta.dirname, "..", "..", "..", "node_modules", "@ip-location-db");

export const PLACE_FILES = {
  countries: filesOf("geo-whois-asn-country", "geo-whois-asn-country"),
  networks: filesOf("asn", "asn"),
} as const;

function filesOf(folder: string, name: string): readonly string[] {
  return ["ipv4", "ipv6"].map((family) => join(PACKAGES, folder, `${name}-${family}.csv`));
}

/** False where the packages were left out of an installation. */
export async function placesAreHere(): Promise<boolean> {
  const files = Object.values(PLACE_FILES).flat();
  const found = await Promise.all(
    files.map(
      async (file) =>
        await access(file).then(
          () => true,
          () => false,
        ),
    ),
  );
  return found.every(Boolean);
}
