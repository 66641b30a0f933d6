import { quote } from "../../db/click-bind.ts";
import type { Format } from "../format.ts";
import { messageColumns, messageFieldPlaces, messageSteps } from "../message-columns.ts";
import { syslogTime } from "../time.sql.ts";

const BSD = String.raw`[A-Z][a-z]{2} [ 0-9][0-9] (?:[0-9]{4} )?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?`;
const ISO = String.raw`[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?(?:Z|[-+][0-9]{2}:?[0-9]{2})?`;
const TAG = String.raw`[^\s:\[\]]{1,128}(?:\[[^\]\s]{0,32}\]:?|:)`;

const claim = quote(
  String.raw`^(?:<[0-9]{1,3}>[1-9][0-9]? (?:-|[0-9]{4}-\S+) \S+ \S+ \S+ \S+ (?:-|\[)|<[0-9]{1,3}>(?:[0-9]+: )?(?:[\w.:-]+: )?[*.]?(?:${BSD}|${ISO})|${BSD} (?:\S+ )?${TAG}(?: |$)|${ISO.replace("[T ]", "T")} [^\s:\[\]]+ ${TAG}(?: |$)|${ISO} [^\s:\[\]]+ [^\s:\[\]]{1,128}\[[0-9]+\]|${BSD} \S+ \S)`,
);

const AUTH =
  "(?:su|login|systemd-logind|pkexec|polkitd|passwd|chpasswd|useradd|userdel|usermod|groupadd|groupdel|gpasswd|chage|dropbear|gdm.*|lightdm|sddm|xrdp.*)";

/** Structured data of RFC 5424, section 6.3, with the blank and the mark of UTF-8 that may follow. */
const STRUCTURED = String.raw`^(?:-|(?:\[(?:[^"\]]|"(?:[^"\\]|\\.)*")*\])+) ?(?:\xEF\xBB\xBF)?`;

/**
 * One family: RFC 3164 as it is met, with or without priority, host and process; the same with times of RFC 3339, as rsyslog and
 * `journalctl -o short-iso` write them; RFC 5424. The message is then its program's.
 */
export const syslog: Format = {
  name: "syslog",
  about:
    "syslog of RFC 3164 and 5424, journal as text: sshd, sudo, PAM, Postfix, Dovecot and any other program",
  records: { by: "line" },
  json: false,
  claims: `match(raw, ${claim})`,
  rank: 30,
  steps: {
    bare: `if(startsWith(raw, '<'), replaceRegexpOne(raw, '^<[0-9]{1,3}>(?:[0-9]+: )?(?:[A-Za-z][A-Za-z0-9.:-]+: )?[*.]?', ''), raw)`,
    // RFC 5424 has a version after the priority.
    parts: `if(startsWith(raw, '<') and match(bare, '^[1-9][0-9]? (?:-|[0-9]{4}-)'), arraySlice(splitByChar(' ', left(bare, 2000)), 1, 6), [])`,
    clock: `if(empty(parts), extract(bare, ${quote(`^(?:${BSD}|${ISO})`)}), parts[2])`,
    rest: `if(empty(parts), substring(bare, length(clock) + 2), replaceRegexpOne(substring(bare, length(arrayStringConcat(parts, ' ')) + 2), ${quote(STRUCTURED)}, ''))`,
    // Without a host the line goes on with the program at once.
    first_word: "if(empty(parts), substring(rest, 1, position(rest, ' ') - 1), '')",
    hosted: String.raw`first_word != '' and not match(first_word, '(?::|\\[[^\\]]*\\]:?)$')`,
    tagged: "trimLeft(if(hosted, substring(rest, length(first_word) + 2), rest))",
    tag: `if(empty(parts), extract(tagged, ${quote(`^${TAG}(?: |$)`)}), '')`,
    machine: "multiIf(not empty(parts), parts[3], hosted, first_word, '')",
    program: String.raw`if(empty(parts), extract(tag, '^[^\\[: ]+'), parts[4])`,
    pid: String.raw`if(empty(parts), extract(tag, '\\[([0-9]+)\\]'), parts[5])`,
    message: "if(empty(parts), trimLeft(substring(tagged, length(tag) + 1)), rest)",
    // The name without its folder, as patterns know it.
    short_name: "if(startsWith(program, '/'), splitByChar('/', program)[-1], program)",
    ...messageSteps({ program: "short_name", message: "message" }),
  },
  broken: "if(clock = '', 'no syslog line: it has no time at its beginning', '')",
  time: syslogTime("clock"),
  product: `sql: if(match(message, '^%[A-Z0-9_]+-[0-7]-[A-Z0-9_]+'), 'cisco', 'linux')`,
  category: `sql: multiIf(what like 'dns-%', 'dns', program = 'kernel' and line_no > 0, 'firewall', '')`,
  service: serviceOf(),
  columns: {
    ...messageColumns("message"),
    device_hostname: "if(machine = '-', '', machine)",
    process_name: "if(program = '-', '', program)",
    process_pid: "pid",
  },
  fieldPlaces: messageFieldPlaces,
};

/** Sigma's services of Linux by the program, of Cisco by the facility; what is told to auth.log is `auth`, the rest `syslog`. */
function serviceOf(): string {
  const cisco =
    "match(message, '^%(?:AAA|PARSER|SEC_LOGIN)'), 'aaa', match(message, '^%BGP'), 'bgp', match(message, '^%LDP'), 'ldp', 'syslog'";
  const programs: Readonly<Record<string, string>> = {
    sshd: "sshd(?:-session|-auth)?",
    sudo: "sudo|doas",
    cron: "(?i:crond?|crontab|anacron)",
    vsftpd: "vsftpd",
    clamav: "clamd|freshclam|clamav.*|clamscan",
    guacamole: "guacd|guacamole",
    auditd: "auditd|audisp.*",
    auth: AUTH,
  };
  const choices = Object.entries(programs).map(
    ([service, names]) => `match(short_name, ${quote(`^(?:${names})$`)}), ${quote(service)}`,
  );
  return String.raw`sql: multiIf(startsWith(message, '%'), multiIf(${cisco}), ${choices.join(", ")},
    match(message, '^pam_\\w+\\('), 'auth', 'syslog')`;
}
