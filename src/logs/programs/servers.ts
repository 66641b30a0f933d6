// FTP servers, BIND, and the kernel's firewall.
import { IP, PORT, type Program } from "./program.ts";

export const vsftpd: Program = {
  names: "vsftpd|",
  lines: [
    {
      says: String.raw`(?:\[pid [0-9]+\] )?\[(?P<user>.*)\] FAIL LOGIN: Client "${IP}"`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`(?:\[pid [0-9]+\] )?\[(?P<user>.*)\] OK LOGIN: Client "${IP}"`,
      kind: "logon",
      ended: "success",
    },
    {
      says: String.raw`(?:\[pid [0-9]+\] )?(?P<detail>CONNECT): Client "${IP}"`,
      kind: "traffic",
    },
    {
      says: String.raw`(?:\[pid [0-9]+\] )?\[(?P<user>.*)\] OK (?P<detail>DOWNLOAD|UPLOAD|DELETE|MKDIR|RENAME): Client "${IP}", "(?P<object>.*?)"`,
      kind: "file-other",
      ended: "success",
    },
  ],
};

const PROFTPD = String.raw`(?:\S+ )?\((?P<host>\S*)\[${IP}\]\)(?: - |: )`;

export const proftpd: Program = {
  names: "proftpd|",
  lines: [
    {
      says: String.raw`${PROFTPD}USER (?P<user>.*?)(?: \(Login failed\))?: (?P<detail>no such user.*|Login incorrect.*|Incorrect password.*|Limit .*|Invalid shell.*|User in .*|Denied .*|.* not authori[sz]ed.*)$`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`${PROFTPD}USER (?P<user>.*): Login successful`,
      kind: "logon",
      ended: "success",
    },
    {
      says: String.raw`${PROFTPD}(?P<detail>SECURITY VIOLATION): (?P<user>\S+) login attempted`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`${PROFTPD}(?P<detail>Maximum login attempts .*)$`,
      kind: "authentication-other",
      ended: "failure",
    },
    { says: `${PROFTPD}(?P<detail>.*)$`, kind: "traffic" },
  ],
};

const PURE = String.raw`\((?P<by>[^@()]*)@(?P<ip>[0-9A-Fa-f:.]+)\) \[[A-Z]+\] `;

export const pureFtpd: Program = {
  names: "pure-ftpd|",
  lines: [
    {
      says: String.raw`${PURE}Authentication failed for user \[(?P<user>.*)\]`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`${PURE}(?P<user>.*) is now logged in`,
      kind: "logon",
      ended: "success",
    },
    { says: String.raw`${PURE}(?P<detail>Logout)`, kind: "logoff", ended: "success" },
    {
      says: String.raw`${PURE}(?P<detail>New connection|Timeout|.* (?:downloaded|uploaded|Deleted)\b).*`,
      kind: "traffic",
    },
  ],
};

const NAMED_CLIENT = String.raw`(?:(?:queries|security|query-errors|client): )?(?:info: |error: |debug [0-9]+: )?client (?:@0x[0-9a-f]+ )?${IP}#${PORT}(?: \([^)]*\))?: (?:view \S+: )?`;

export const named: Program = {
  names: "named|",
  lines: [
    {
      says: String.raw`${NAMED_CLIENT}(?P<detail>query|zone transfer|update|notify)(?: \(cache\))? '(?P<object>[^/']*)(?:/(?P<protocol>[^/']*)/\w+)?' denied`,
      kind: "dns-query",
      ended: "failure",
    },
    {
      says: String.raw`${NAMED_CLIENT}(?P<detail>query): (?P<object>\S+) \S+ (?P<protocol>\S+)`,
      kind: "dns-query",
    },
  ],
};

export const firewall: Program = {
  names: "kernel|",
  lines: [
    {
      says: String.raw`.*\bIN=\S* OUT=\S* .*\bSRC=${IP} DST=(?P<to>[0-9A-Fa-f:.]+) .*\bPROTO=(?P<protocol>\S+) SPT=${PORT} DPT=(?P<toport>[0-9]+)`,
      kind: "traffic",
    },
    {
      says: String.raw`.*\bIN=\S* OUT=\S* .*\bSRC=${IP} DST=(?P<to>[0-9A-Fa-f:.]+)`,
      kind: "traffic",
    },
  ],
};

const CHARON = String.raw`[0-9]+\[[A-Z]+\] <(?P<session>[^>]*)> `;

/** strongSwan: the peer is the other end, whichever way a packet goes. */
export const charon: Program = {
  names: "charon(?:-systemd)?|ipsec",
  lines: [
    {
      says: String.raw`${CHARON}sending packet: from (?P<to>[0-9A-Fa-f:.]+)\[(?P<toport>[0-9]+)\] to ${IP}\[${PORT}\]`,
      kind: "traffic",
    },
    {
      says: String.raw`${CHARON}received packet: from ${IP}\[${PORT}\] to (?P<to>[0-9A-Fa-f:.]+)\[(?P<toport>[0-9]+)\]`,
      kind: "traffic",
    },
    {
      says: String.raw`${CHARON}(?P<detail>${IP} is initiating an? .*)$`,
      kind: "traffic",
    },
    {
      says: String.raw`${CHARON}(?:EAP-Identity request .*|(?P<protocol>XAuth|EAP method \S+|EAP)) authentication of '(?P<user>.*)' (?:\(myself\) )?(?:with .* )?successful`,
      kind: "logon",
      ended: "success",
    },
    {
      says: String.raw`${CHARON}(?P<protocol>XAuth) authentication of '(?P<user>.*)' failed`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`${CHARON}(?P<detail>(?P<protocol>EAP-[\w-]+) verification failed.*)$`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`${CHARON}(?P<detail>XAuth pam_authenticate for '(?P<user>.*)' failed.*)$`,
      kind: "authentication-other",
      ended: "failure",
    },
  ],
};
