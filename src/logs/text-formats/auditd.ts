import { quote } from "../../db/click-bind.ts";
import type { Format } from "../format.ts";
import { inColumn, inFields } from "../json-reads.ts";
import { kind, kindColumns, kindOf } from "../kinds.ts";
import { asFields, pairsOf, valueOf } from "../key-values.ts";
import { epochTime } from "../time.sql.ts";

const HEADER = String.raw`(?:^|[\s:])type=([A-Z0-9_\[\]]+) msg=audit\(([0-9]+\.[0-9]+):([0-9]+)\):`;
/** Fields that the kernel writes as hex where they hold a blank, a quote or no ASCII. */
const UNTRUSTED = String.raw`^(?:a[0-9]+|proctitle|exe|comm|name|cwd|key|acct|data|path|cmd|file|dir|old|new|grp|terminal|unit|vm|watch)$`;

const at = (...keys: readonly string[]): string => valueOf("pairs", ...keys);

/** What the kernel has where nobody signed in: -1. */
const unset = (text: string): string => `if(${text} in ('4294967295', 'unset', '-1'), '', ${text})`;

/**
 * One record a line. `msg='…'` of user space holds pairs itself; after the separator 0x1D stand the names that auditd put to the numbers, in
 * upper case (`SYSCALL=execve`).
 */
export const auditd: Format = {
  name: "auditd",
  about: "Linux audit records: audit.log, audispd in a syslog; hex is decoded",
  records: { by: "line" },
  json: false,
  claims: `match(raw, ${quote(HEADER)})`,
  rank: 70,
  steps: {
    header: `extractGroups(raw, ${quote(HEADER)})`,
    kind_of: "header[1]",
    rest: "substring(raw, position(raw, concat(':', header[3], '):')) + length(header[3]) + 3)",
    // The names follow their separator, or the last value at once where a copy has lost it.
    spread: String.raw`replaceRegexpAll(translate(rest, '\x1D\'', '  '), '("|[0-9)])([A-Z]{2,}=)', '\\1 \\2')`,
    told: pairsOf("spread"),
    pairs: `mapApply((k, v) -> (k, if(match(k, ${quote(UNTRUSTED)}) and length(v) >= 2 and length(v) % 2 = 0 and match(v, '^[0-9A-F]+$') and not (kind_of != 'EXECVE' and match(k, '^a[0-9]+$')),
      translate(trim(trailing '\\0' from unhex(v)), '\\0', ' '), v)), told)`,
    arguments: `if(kind_of = 'EXECVE', arrayStringConcat(arrayFilter((v, n) -> mapContains(pairs, concat('a', toString(n))),
      arrayMap(n -> pairs[concat('a', toString(n))], range(least(toUInt32OrZero(pairs['argc']), 500))), range(least(toUInt32OrZero(pairs['argc']), 500))), ' '), '')`,
    command: `multiIf(arguments != '', arguments, kind_of = 'PROCTITLE', pairs['proctitle'], ${at("cmd")})`,
    kind: kindOf(
      "kind_of",
      {
        logon: ["USER_LOGIN"],
        "authentication-other": [
          "USER_AUTH",
          "USER_ACCT",
          "CRED_ACQ",
          "CRED_REFR",
          "USER_START",
          "ANOM_LOGIN_FAILURES",
          "LOGIN",
        ],
        logoff: ["USER_END", "CRED_DISP", "USER_LOGOUT"],
        "account-switch": ["USER_CMD", "USER_ROLE_CHANGE"],
        "account-create": ["ADD_USER"],
        "account-delete": ["DEL_USER"],
        "password-change": ["USER_CHAUTHTOK"],
        "account-other": ["USER_MGMT", "ACCT_LOCK", "ACCT_UNLOCK"],
        "group-create": ["ADD_GROUP"],
        "group-delete": ["DEL_GROUP"],
        "process-launch": ["EXECVE", "PROCTITLE"],
        "file-other": ["PATH", "CWD"],
        traffic: ["SOCKADDR"],
      },
      `if(kind_of = 'SYSCALL' and (told['SYSCALL'] = 'execve' or (told['arch'] = 'c000003e' and told['syscall'] = '59') or (told['arch'] = 'c00000b7' and told['syscall'] = '221')), ${kind("process-launch")}, ${kind("other")})`,
    ),
    // sshd tells of an attempt before it knows how it ends, and again after.
    ended:
      "multiIf(pairs['res'] in ('success', '1', 'yes') or pairs['success'] = 'yes', 1, pairs['res'] in ('failed', '0', 'no') or pairs['success'] = 'no', 2, 0)",
    account: String.raw`multiIf(${at("acct")} not in ('', '(unknown)', '?'), ${at("acct")}, kind_of in ('USER_LOGIN', 'USER_AUTH'), ${at("ID", "id")}, '')`,
    from: String.raw`multiIf(${at("addr")} in ('?', ''), '', ${at("addr")})`,
  },
  broken: "if(empty(header), 'no audit record: type=… msg=audit(time:serial): is missing', '')",
  time: epochTime("header[2]"),
  product: "linux",
  category: "",
  service: "auditd",
  columns: {
    ...kindColumns("kind"),
    status_id: "ended",
    metadata_uid: "concat(header[2], ':', header[3])",
    actor_user_name: unset(at("AUID", "UID")),
    actor_user_uid: unset(at("auid")),
    user_name: "account",
    user_uid: at("id", "uid"),
    session_uid: unset(at("ses")),
    src_endpoint_ip: "from",
    src_endpoint_hostname: `if(${at("hostname")} in ('?', from), '', ${at("hostname")})`,
    device_hostname: at("node"),
    process_name: at("exe", "comm"),
    process_pid: at("pid"),
    process_cmd_line: "command",
    resource_uid: `if(kind_of in ('PATH', 'CWD'), ${at("name", "cwd")}, ${at("unit", "key")})`,
    api_operation: "kind_of",
    fields: asFields("mapConcat(pairs, map('type', kind_of))"),
  },
  fieldPlaces: (field) =>
    Object.hasOwn(PLACES, field) ? (PLACES[field] ?? []) : [inFields(field)],
};

const PLACES: Readonly<Record<string, ReturnType<Format["fieldPlaces"]>>> = {
  type: [inColumn("api_operation"), inFields("type")],
  CommandLine: [inColumn("process_cmd_line")],
  Image: [inFields("exe")],
};
