import type { Format } from "../format.ts";
import { fieldMap } from "../http-columns.ts";
import { inColumn, inFields } from "../json-reads.ts";
import { kind, kindColumns } from "../kinds.ts";
import { messageSteps } from "../message-columns.ts";
import { writtenTime } from "../time.sql.ts";

const HEADER = String.raw`'^\\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]?[0-9] [0-9:.]+ [0-9]{4}\\] (?:\\[[\\w:]*\\] )(?:\\[pid [0-9:tid ]+\\] )?(?:\\[(?:remote|client) [^\\]]*\\] )*'`;

/** The error log of Apache 2.2 and 2.4, with `ErrorLogFormat` left as it is. */
export const apacheError: Format = {
  name: "apache-error",
  about:
    "Apache's error log: users not found, passwords that mismatch, what modules and applications write to it",
  records: { by: "line" },
  json: false,
  claims: `match(raw, ${HEADER})`,
  rank: 45,
  steps: {
    header: `extract(raw, ${HEADER})`,
    level: String.raw`extract(header, '\\] \\[(?:\\w*:)?(\\w+)\\]')`,
    // Apache 2.4 writes the port, also after an IPv6 address without brackets.
    client_told: String.raw`extract(header, '\\[(?:client|remote) ([^\\] ]+)')`,
    client: `if(position(header, '[pid ') > 0, replaceRegexpOne(client_told, ':[0-9]{1,5}$', ''), client_told)`,
    words_of: "substring(raw, length(header) + 1)",
    ...messageSteps({ program: "'apache'", message: "words_of" }),
    basic_user: String.raw`extract(words_of, '^(?:AH[0-9]+: )?(?:[\\w.]+: )?user [\'"]?(.*?)[\'"]?(?: not found|: authentication failure for| in realm .* not found|: password mismatch|: authentication failed)')`,
    refused: String.raw`basic_user != '' or match(words_of, '^(?:AH(?:01614|01617|01618|01807|01808|01809|01790|01788|01793|01794): )')`,
    about: `multiIf(refused or sign_in > 0, ${kind("logon")}, client != '', ${kind("http-other")}, ${kind("other")})`,
  },
  broken: "if(header = '', 'no line of an Apache error log', '')",
  time: writtenTime(String.raw`extract(raw, '^\\[([^\\]]+)\\]')`),
  product: "",
  category: "",
  service: "apache",
  columns: {
    ...kindColumns("about"),
    status_id:
      "multiIf(refused, 2, sign_in in (1, 2), sign_in, level in ('error', 'crit', 'alert', 'emerg'), 2, 0)",
    status_detail: "level",
    user_name: "multiIf(basic_user != '', basic_user, sign_in > 0, who, '')",
    src_endpoint_ip: "if(client = '', whence, client)",
    src_endpoint_port: `if(client = client_told, '', substring(client_told, length(client) + 2))`,
    http_request_referrer: "extract(words_of, ', referer: (.*)$')",
    http_request_url_path: String.raw`extract(words_of, '(?:authentication failure for |\\[uri ")"?([^"]+)"')`,
    dst_endpoint_hostname: String.raw`extract(words_of, '\\[hostname "([^"]*)"\\]')`,
    process_name: "'apache'",
    process_pid: String.raw`extract(header, '\\[pid ([0-9]+)')`,
    message: "left(words_of, 4000)",
    fields: fieldMap({ level: "level" }),
  },
  fieldPlaces: (field) => (field === "message" ? [inColumn("message")] : [inFields(field)]),
};
