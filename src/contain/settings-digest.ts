import { canonicalJson, type Json } from "../core/canonical.ts";
import { sha256Hex } from "../core/digest.ts";
import { TocsinError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { Connector } from "../config/connectors-schema.ts";

/**
 * What an approval is tied to: SHA-256 over the canonical JSON of one action's effective settings. A secret stands in it as
 * nothing; a database address as a digest of host, port, database and user, without password. So a rotated password changes
 * nothing, and another host changes the digest. Other actions of the same connector do not count.
 */
export function settingsDigest(connector: Connector, key: string): string {
  const effective: Record<string, unknown> = { ...connector, key };
  if ("actions" in connector) effective["actions"] = { [key]: connector.actions[key] ?? null };
  if ("sql" in connector) effective["sql"] = farSideDigest(connector.sql.reveal());
  return sha256Hex(canonicalJson(jsonOf(effective)));
}

/** Which database it is. Options such as `host` (a socket) and `sslmode` count, a password anywhere does not. */
export function farSideDigest(address: string): string {
  const at = URL.parse(address.replace("@/", "@localhost/")); // an empty host, as libpq takes it
  if (!at)
    throw new TocsinError(
      "invalid",
      "a database address cannot be read: write postgres://user@host/database",
    );
  at.password = "";
  at.searchParams.delete("password");
  at.searchParams.sort();
  return sha256Hex(at.href);
}

function jsonOf(value: unknown): Json {
  if (value instanceof Secret) return "[secret]";
  if (
    value === null ||
    typeof value === "boolean" ||
    typeof value === "number" ||
    typeof value === "string"
  )
    return value;
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== "object") throw new TypeError(`a setting cannot be a ${typeof value}`);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, jsonOf(member)]));
}
