import { quote } from "../../db/click-bind.ts";
import type { Format } from "../format.ts";
import { fieldMap } from "../http-columns.ts";
import { inColumn, inFields } from "../json-reads.ts";
import { kind, kindColumns } from "../kinds.ts";
import { hostname } from "../sql-words.ts";
import { writtenTime } from "../time.sql.ts";

const HEADER = String.raw`^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T| {1,2})[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[-+][0-9:]{5})?|[0-9]{6} {1,2}[0-9]{1,2}:[0-9]{2}:[0-9]{2}) (?:[0-9]+ )?\[(?:Note|Warning|Warn|ERROR|Error|System|Info)\] `;

/** MySQL from 5.5 and MariaDB: the error log. Their general and slow logs are statements, and no lines of one shape. */
export const mysql: Format = {
  name: "mysql",
  about: "MySQL's and MariaDB's error log: access denied, aborted connections",
  records: { by: "line" },
  json: false,
  claims: `match(raw, ${quote(HEADER)})`,
  rank: 50,
  steps: {
    header: `extract(raw, ${quote(HEADER)})`,
    message: String.raw`replaceRegexpOne(substring(raw, length(header) + 1), '^(?:\\[MY-[0-9]+\\] \\[\\w+\\] )', '')`,
    stamp: String.raw`extract(header, '^((?:[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T| +)|[0-9]{6} +)[0-9:.]+(?:Z|[-+][0-9:]{5})?)')`,
    clock: String.raw`if(match(stamp, '^[0-9]{6} '), concat('20', substring(stamp, 1, 2), '-', substring(stamp, 3, 2), '-', substring(stamp, 5)), replaceOne(stamp, '  ', ' '))`,
    denied: "startsWith(message, 'Access denied for user ')",
    // The last of each: a name that a client sends may imitate what follows it. ClickHouse strips `^.*` from a pattern, hence no `^`.
    who: String.raw`extract(message, 'user:? \'(.*)\'(?:@| host)')`,
    whence: String.raw`extract(message, '.*(?:\'@\'|host: \'|hostname: \')([^\']*)\'')`,
    kind: `multiIf(denied, ${kind("logon")}, startsWith(message, 'Aborted connection'), ${kind("traffic")}, ${kind("other")})`,
  },
  broken: "if(header = '', 'no line of a MySQL error log', '')",
  time: writtenTime("clock"),
  product: "mysql",
  category: "database",
  service: "mysql",
  columns: {
    ...kindColumns("kind"),
    status_id: "multiIf(denied, 2, match(header, '(?i)error'), 2, 0)",
    status_detail: String.raw`extract(message, '\\(([^()]*)\\)$')`,
    user_name: "who",
    src_endpoint_ip: "whence",
    src_endpoint_hostname: hostname("whence"),
    process_name: "'mysqld'",
    resource_type: "if(position(message, 'db: ') > 0, 'database', '')",
    resource_uid: String.raw`extract(message, 'db: \'([^\']*)\'')`,
    message: "left(message, 4000)",
    fields: fieldMap({ level: String.raw`extract(header, '\\[(\\w+)\\] $')` }),
  },
  fieldPlaces: (field) => (field === "message" ? [inColumn("message")] : [inFields(field)]),
};
