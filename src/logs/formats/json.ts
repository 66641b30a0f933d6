import { identifier, quote } from "../../db/click-bind.ts";
import type { Format } from "../format.ts";
import { kind, kindColumns } from "../kinds.ts";
import { signInSteps } from "../sign-ins/recognise.sql.ts";
import { email } from "../sql-words.ts";
import { anyTime } from "../time.sql.ts";

/** The usual names of a record's time, the more surely meant first. */
const TIMES = [
  "@timestamp",
  "timestamp",
  "time",
  "ts",
  "eventTime",
  "event_time",
  "datetime",
  "date",
  "created_at",
  "Timestamp",
  "asctime",
  "start_time",
];

/** The usual names of the address that a client came from. */
const CLIENTS = [
  ..."client_ip clientIp clientIP client_addr client_address remote_addr remoteAddr remote_ip remoteIp".split(
    " ",
  ),
  ..."remote_address remoteAddress src_ip srcip srcIp source_ip sourceIp sourceIP sourceIPAddress".split(
    " ",
  ),
  ..."ip_address ipAddress ip visitor_ip request_ip user_ip userIp clientip c_ip ClientHost".split(
    " ",
  ),
  ..."downstream_remote_address".split(" "),
];

const tuple = [...TIMES, ...CLIENTS]
  .map((name) => `${identifier(name)} Nullable(String)`)
  .join(", ");

function firstOf(names: readonly string[]): string {
  return `coalesce(${names.map((name) => `nullIf(t.${identifier(name)}, '')`).join(", ")}, '')`;
}

/**
 * JSON of any application: nothing is known of it but its time and what it says of sign-ins in words; rules read its fields by their
 * paths.
 */
export const json: Format = {
  name: "json",
  about: "JSON of any application, one value a line or documents",
  records: { by: "json" },
  json: true,
  claims: "isValidJSON(raw) and startsWith(trimLeft(raw), '{')",
  rank: 0,
  steps: {
    t: `JSONExtract(raw, ${quote(`Tuple(${tuple})`)})`,
    first_time: firstOf(TIMES),
    client: String.raw`extract(${firstOf(CLIENTS)}, '^\\s*([^,\\s]+)')`,
    ...signInSteps("raw", { known: "client" }),
    what: `if(sign_in > 0, ${kind("logon")}, ${kind("other")})`,
    account: "if(sign_in > 0, who, '')",
  },
  time: anyTime("first_time"),
  product: "",
  category: "",
  service: "",
  columns: {
    ...kindColumns("what"),
    status_id: "if(sign_in = 3, 0, sign_in)",
    user_name: "account",
    user_email_addr: email("account"),
    src_endpoint_ip: "whence",
    src_endpoint_port: "whence_port",
  },
  // A key that has the dots itself comes before a walk along them.
  fieldPlaces: (field) => [
    { in: "json", path: [field] },
    ...(field.includes(".") ? [{ in: "json" as const, path: field.split(".") }] : []),
  ],
};
