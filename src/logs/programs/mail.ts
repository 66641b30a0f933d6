// Postfix, Dovecot, Exim: who signed in to send or read mail, and what was refused.
import { IP, PORT, type Program } from "./program.ts";

const CLIENT = String.raw`(?P<host>[^\s\[\]]+)\[${IP}\](?::${PORT})?`;

export const postfix: Program = {
  names: String.raw`postfix(?:-\w+)?/[\w/-]+|postfix`,
  lines: [
    {
      says: String.raw`(?:warning: )?${CLIENT}: SASL (?P<protocol>\S+) authentication (?:failed|failure|aborted):? ?(?P<detail>.*), sasl_username=(?P<user>.*)$`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`(?:warning: )?${CLIENT}: SASL (?P<protocol>\S+) authentication (?:failed|failure|aborted):? ?(?P<detail>.*)$`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`(?P<session>[0-9A-Za-z]+): client=${CLIENT}, sasl_method=(?P<protocol>[^,]+), sasl_username=(?P<user>[^,]*)`,
      kind: "logon",
      ended: "success",
    },
    {
      says: String.raw`(?P<session>NOQUEUE|[0-9A-Za-z]+): (?:milter-)?reject(?:_warning)?: (?P<command>\S+) from ${CLIENT}: (?P<detail>.*)$`,
      kind: "email-other",
      ended: "failure",
    },
    {
      says: String.raw`(?P<session>[0-9A-Za-z]+): client=${CLIENT}`,
      kind: "email-other",
    },
    {
      says: String.raw`(?P<detail>.*?)(?: from|:) ${CLIENT}(?:: (?P<object>.*))?`,
      kind: "email-other",
    },
  ],
};

const LEVEL = "(?:(?:Info|Warning|Error): )?";
const DOVECOT_USER = String.raw`user=<(?P<user>[^>]*)>,`;
const RIP = String.raw`.* rip=${IP}(?:, |$)`;

export const dovecot: Program = {
  names: String.raw`dovecot(?:\[[0-9]+\])?: +[\w-]+-login(?:\([0-9]+\))?|[\w-]+-login(?:\([0-9]+\))?`,
  lines: [
    {
      says: String.raw`${LEVEL}Login: ${DOVECOT_USER}(?: method=(?P<protocol>[^,]+),)?${RIP}`,
      kind: "logon",
      ended: "success",
    },
    {
      says: String.raw`${LEVEL}(?:Disconnected|Aborted login|Login aborted|Maximum number of connections)[^(<]*\((?P<detail>[^)]*(?:auth failed|disallowed plaintext auth|auth attempts? failed|authentication failed|client didn't finish SASL auth)[^)]*)\)[^<]*: ${DOVECOT_USER}(?: method=(?P<protocol>[^,]+),)?${RIP}`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`${LEVEL}(?:Disconnected|Aborted login|Login aborted)[^(<]*\((?P<detail>[^)]*(?:auth failed|disallowed plaintext auth|authentication failed)[^)]*)\)[^<]*:${RIP}`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`${LEVEL}(?P<detail>Disconnected|Aborted login|Login aborted)${RIP}`,
      kind: "traffic",
    },
  ],
};

export const dovecotAuth: Program = {
  names: String.raw`dovecot(?:\[[0-9]+\])?: +auth(?:-worker)?(?:\([0-9]+\))?|auth(?:-worker)?(?:\([0-9]+\))?`,
  lines: [
    {
      says: String.raw`${LEVEL}(?:conn unix:\S+ \([^)]*\): auth-worker<[0-9]+>: )?(?P<protocol>[\w-]+)\((?P<user>[^,)]*),${IP}(?:,[^)]*)?\): (?P<detail>.*(?:[Pp]assword mismatch|unknown user|pam_authenticate\(\) failed|invalid credentials|[Aa]uthentication failed|failed).*)$`,
      kind: "authentication-other",
      ended: "failure",
    },
  ],
};

const EXIM_HOST = String.raw`(?:\S* ?(?:\([^)]*\) )?)\[${IP}\](?::${PORT})?`;

export const exim: Program = {
  names: "exim4?|",
  lines: [
    {
      says: String.raw`(?P<protocol>[\w.-]+) authenticator failed for ${EXIM_HOST}(?: I=\S+)?(?: U=\S+)?: (?P<detail>.*?) \(set_id=(?P<user>.*)\)$`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`(?P<protocol>[\w.-]+) authenticator failed for ${EXIM_HOST}(?: I=\S+)?(?: U=\S+)?: (?P<detail>.*)$`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`(?P<session>\S+) <= \S+ .*H=${EXIM_HOST} .*A=(?P<protocol>[^: ]+):(?P<user>\S+)`,
      kind: "logon",
      ended: "success",
    },
    {
      says: String.raw`(?:\S+ )?(?:H=)?${EXIM_HOST} .*?(?P<detail>(?:temporarily )?rejected .*|sender verify fail .*|incomplete transaction .*)$`,
      kind: "email-other",
      ended: "failure",
    },
    {
      says: String.raw`(?P<session>\S+) <= \S+ .*H=${EXIM_HOST}`,
      kind: "email-other",
      ended: "success",
    },
    {
      says: String.raw`(?P<detail>(?:no host name found for|rejected|unexpected disconnection|SMTP (?:call|connection|protocol|syntax)|TLS error|no MAIL in SMTP connection|Connection) .*?)\[${IP}\](?::${PORT})?`,
      kind: "email-other",
    },
  ],
};
