// postgres:// addresses as libpq reads them, turned into the driver's options. The driver alone knows no socket
// folder in an address and fills what is missing from PG* variables; we pass everything, so neither happens.
import type postgres from "postgres";
import { TocsinError } from "../core/errors.ts";

/**
 * Reads `postgres://user:password@host:port/database?host=/socket/folder&sslmode=require`. Takes a socket folder as
 * `host` parameter or percent-encoded host, as libpq does.
 * @throws TocsinError `invalid`, without the address in it: it may hold a password
 */
export function postgresOptions(address: string): postgres.Options<Record<string, never>> {
  const url = URL.parse(address.replace("@/", "@localhost/")); // libpq takes an empty host, WHATWG does not
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new TocsinError(
      "invalid",
      "a postgres address starts with postgres:// and names user, host and database",
    );
  }
  const host = url.searchParams.get("host") ?? (decodeURIComponent(url.hostname) || "localhost");
  const user = url.searchParams.get("user") ?? (decodeURIComponent(url.username) || "postgres");
  const sslmode = url.searchParams.get("sslmode");
  const port = Number(url.searchParams.get("port") ?? (url.port || "5432"));
  return {
    host,
    port,
    ...(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : {}),
    user,
    database: decodeURIComponent(url.pathname.slice(1)) || user,
    password: decodeURIComponent(url.password),
    ssl: sslOf(sslmode),
  };
}

type Ssl = "require" | "prefer" | "verify-full" | false;

function sslOf(mode: string | null): Ssl {
  switch (mode) {
    case null:
    case "disable":
      return false;
    case "allow":
    case "prefer":
      return "prefer";
    case "require":
      return "require";
    case "verify-ca":
    case "verify-full":
      return "verify-full";
    default:
      throw new TocsinError(
        "invalid",
        `sslmode ${mode} is not known: use disable, prefer, require or verify-full`,
      );
  }
}
