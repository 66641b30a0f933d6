import type { Organisation } from "../config/organisation.ts";

/** The registry whose accounts the connector acts on; undefined where it acts on any (there is one, or it takes tokens). */
export function registryOf(organisation: Organisation, connector: string): string | undefined {
  const found = organisation.connectors[connector];
  return found && "of" in found ? found.of : undefined;
}
