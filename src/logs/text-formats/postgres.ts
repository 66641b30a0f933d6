import { quote } from "../../db/click-bind.ts";
import type { Format } from "../format.ts";
import { fieldMap } from "../http-columns.ts";
import { inColumn, inFields } from "../json-reads.ts";
import { kind, kindColumns } from "../kinds.ts";
import { signInSteps } from "../sign-ins/recognise.sql.ts";
import { writtenTime } from "../time.sql.ts";

const LEVEL =
  "(?:LOG|FATAL|ERROR|WARNING|NOTICE|PANIC|DETAIL|HINT|STATEMENT|CONTEXT|INFO|DEBUG[1-5]?|QUERY)";
const HEADER = String.raw`^(?P<ahead>.{0,400}?)\b${LEVEL}: {1,2}`;
const STAMP = String.raw`[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?: [A-Z]{2,5}| [-+][0-9]{2,4})?`;

/** Whatever `log_line_prefix` is: what it usually holds is told by its shape. */
export const postgres: Format = {
  name: "postgres",
  about: "PostgreSQL's server log, with the usual prefixes",
  records: { by: "line", continues: "^[\\t ]" },
  json: false,
  claims: `match(raw, ${quote(String.raw`^(?:[^\n]{0,120}?)${STAMP}[^\n]{0,200}?\s${LEVEL}: {2}\S`)})`,
  rank: 50,
  steps: {
    ahead: `extract(raw, ${quote(HEADER.replace("?P<ahead>", ""))})`,
    message: `substring(raw, length(extract(raw, ${quote(HEADER.replace("(?P<ahead>.{0,400}?)", ".{0,400}?"))})) + 1)`,
    level: `extract(raw, ${quote(String.raw`^.{0,400}?\b(${LEVEL}): {1,2}`)})`,
    stamp: `extract(ahead, ${quote(`(${STAMP})`)})`,
    // %u@%d, user=%u,db=%d, %q%u@%d: the user, then the database.
    session_user: String.raw`multiIf(position(ahead, 'user=') > 0, extract(ahead, 'user=([^,\\s]*)'), position(ahead, '@') > 0, extract(ahead, '(?:^|[\\s\\]])([^\\s@\\]]+)@[^\\s@]*\\s*$'), '')`,
    session_db: String.raw`multiIf(match(ahead, '(?:db|database)='), extract(ahead, '(?:db|database)=([^,\\s]*)'), position(ahead, '@') > 0, extract(ahead, '@([^\\s@:]+)\\s*$'), '')`,
    // Before it is known who asks.
    asker: "if(session_user = '[unknown]', '', session_user)",
    base: "if(session_db = '[unknown]', '', session_db)",
    session_host: String.raw`extract(ahead, '(?:^|[\\s=,@\\[(])((?:[0-9]{1,3}[.]){3}[0-9]{1,3}|[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:]+)(?:[\\s,(:\\])]|$)')`,
    told_host: String.raw`extract(message, '(?:host(?: "|=)|from host ")([0-9A-Fa-f.:]+)')`,
    failed: String.raw`match(message, '^(?:password|Ident|Peer|LDAP|PAM|GSSAPI|SSPI|RADIUS|certificate|BSD|SCRAM|MD5)[ \\w-]* authentication failed for user|^no pg_hba.conf entry for|^pg_hba.conf rejects connection|^role ".*" does not exist|^role ".*" is not permitted to log in|^too many connections for role|^User ".*" (?:has no password assigned|does not have a valid)|^Role ".*" does not exist')`,
    succeeded: "startsWith(message, 'connection authorized: user=')",
    named_user: String.raw`extract(message, '(?:user(?: "|=)|[Rr]ole "|identity=")([^\\s",]+)')`,
    ...signInSteps("message", { unless: "failed or succeeded" }),
    kind: `multiIf(failed or succeeded or (sign_in > 0 and level in ('FATAL', 'ERROR')), ${kind("logon")}, startsWith(message, 'disconnection: '), ${kind("logoff")},
      startsWith(message, 'statement: ') or startsWith(message, 'execute '), 'api-other', ${kind("other")})`,
  },
  broken: "if(level = '', 'no line of a PostgreSQL log: it has no level', '')",
  time: writtenTime("stamp"),
  product: "postgresql",
  category: "database",
  service: "postgresql",
  columns: {
    ...kindColumns("kind"),
    status_id:
      "multiIf(failed, 2, succeeded, 1, sign_in in (1, 2) and level in ('FATAL', 'ERROR'), sign_in, level in ('FATAL', 'ERROR', 'PANIC'), 2, 0)",
    status_detail: "level",
    user_name:
      "if(failed or succeeded or named_user != '', if(named_user = '', asker, named_user), asker)",
    actor_user_name: "asker",
    src_endpoint_ip:
      "multiIf(told_host != '', told_host, session_host != '', session_host, whence)",
    src_endpoint_port: String.raw`extract(message, 'port=([0-9]+)')`,
    process_pid: String.raw`extract(ahead, '\\[([0-9]+)(?:-[0-9]+)?\\]')`,
    process_name: "'postgres'",
    resource_type: "if(base = '', '', 'database')",
    resource_uid: String.raw`if(base != '', base, extract(message, 'database[ =]"?([^\\s",]+)'))`,
    message: "left(message, 4000)",
    fields: fieldMap({ level: "level" }),
  },
  fieldPlaces: (field) => (field === "message" ? [inColumn("message")] : [inFields(field)]),
};
