import { IP, PORT, type Program } from "./program.ts";

const FROM = String.raw`from ${IP} port ${PORT}`;
const INVALID = "(?:invalid user |illegal user )?";
const END = String.raw`(?: ssh[12])?(?: \[preauth\])?\]?$`;

/** OpenSSH's daemon of every version since 3.x, and Dropbear. */
export const sshd: Program = {
  names: String.raw`(?:\S*/)?sshd(?:-session|-auth)?`,
  lines: [
    {
      says: String.raw`Failed (?P<protocol>\S+) for ${INVALID}(?P<user>.*) ${FROM}(?: ssh[12])?(?:: .*)?\]?$`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`Accepted (?P<protocol>\S+) for (?P<user>.*) ${FROM}(?: ssh[12])?(?:: .*)?\]?$`,
      kind: "logon",
      ended: "success",
    },
    {
      says: String.raw`(?:Postponed|Partial) (?P<protocol>\S+) for ${INVALID}(?P<user>.*) ${FROM}${END}`,
      kind: "logon",
    },
    {
      says: String.raw`(?:Invalid|Illegal) user (?P<user>.*) from (?:UNKNOWN )?${IP}(?: port ${PORT})?\]?$`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`User (?P<user>.+) from ${IP}(?: port ${PORT})? not allowed because (?P<detail>.*)$`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`User (?P<user>.+) from (?P<host>\S+) not allowed because (?P<detail>.*)$`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`ROOT LOGIN REFUSED FROM ${IP}(?: port ${PORT})?`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`fatal: Access denied for user (?P<user>.+) by PAM account configuration`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`(?:error: )?maximum authentication attempts exceeded for ${INVALID}(?P<user>.*) ${FROM}`,
      kind: "authentication-other",
      ended: "failure",
    },
    {
      says: String.raw`Disconnecting (?:authenticating|invalid) user (?P<user>.*) ${IP} port ${PORT}: (?P<detail>Too many .*?)(?: \[preauth\])?$`,
      kind: "authentication-other",
      ended: "failure",
    },
    {
      says: String.raw`(?:Connection (?:closed|reset) by|Disconnected from) (?:authenticating|invalid) user (?P<user>.*) ${IP} port ${PORT}`,
      kind: "authentication-other",
      ended: "failure",
    },
    {
      says: String.raw`input_userauth_request: (?:invalid|illegal) user (?P<user>.*?)(?: \[preauth\])?$`,
      kind: "authentication-other",
      ended: "failure",
    },
    {
      says: String.raw`PAM [0-9]+ more authentication failures?;.* rhost=(?P<ip>[0-9A-Fa-f:.]*)(?:\s+user=(?P<user>.*))?$`,
      kind: "authentication-other",
      ended: "failure",
    },
    {
      says: String.raw`(?:Disconnecting|error)(?:: | )(?P<detail>Too many authentication failures)(?: for (?P<user>.*?))?(?: \[preauth\])?$`,
      kind: "authentication-other",
      ended: "failure",
    },
    {
      says: String.raw`Disconnected from user (?P<user>.*) ${IP} port ${PORT}$`,
      kind: "logoff",
      ended: "success",
    },
    {
      says: String.raw`Starting session: (?P<detail>.*) for (?P<user>.*) ${FROM} id `,
      kind: "authentication-other",
      ended: "success",
    },
    {
      says: String.raw`Close session: user (?P<user>.*) ${FROM} id `,
      kind: "logoff",
      ended: "success",
    },
    // Connections that came to no sign-in.
    {
      says: String.raw`Connection ${FROM} on (?P<to>[0-9A-Fa-f:.]+) port (?P<toport>[0-9]+)`,
      kind: "traffic",
    },
    {
      says: String.raw`(?P<detail>Received disconnect|Did not receive identification string|Timeout before authentication for(?: connection)?|Unable to negotiate with|Connection (?:closed|reset) by|Disconnected|Bad protocol version identification '.*'|banner exchange: Connection|ssh_dispatch_run_fatal: Connection|drop connection #[0-9]+|(?:error: )?beginning MaxStartups throttling|refused connect) (?:from |by )?(?:\S+ \()?\[?${IP}\]?(?:(?: port |:)${PORT})?`,
      kind: "traffic",
    },
    {
      says: String.raw`reverse mapping checking getaddrinfo for (?P<host>\S+) \[${IP}\] failed`,
      kind: "traffic",
    },
  ],
};

export const dropbear: Program = {
  names: "dropbear",
  lines: [
    {
      says: String.raw`Bad (?:PAM )?(?P<protocol>password) attempt for '(?P<user>.*)' from ${IP}:${PORT}`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`Login attempt for nonexistent user(?: '(?P<user>.*)')? from ${IP}:${PORT}`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`(?:PAM )?(?P<protocol>Password|Pubkey) auth succeeded for '(?P<user>.*)' (?:with .* )?from ${IP}:${PORT}`,
      kind: "logon",
      ended: "success",
    },
    {
      says: String.raw`Exit before auth (?:from <${IP}:${PORT}>)?.*\(user '(?P<user>.*)', (?P<detail>[1-9][0-9]* fails)\)`,
      kind: "authentication-other",
      ended: "failure",
    },
  ],
};
