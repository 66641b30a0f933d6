// PAM, sudo, su, login, logind, cron, and the tools that change accounts.
import type { Program } from "./program.ts";

const RHOST = String.raw`rhost=(?P<ip>[0-9A-Fa-f:.]*)`;
const RHOST_NAME = String.raw`rhost=(?P<host>\S*)`;

/** Services whose own lines tell how a sign-in ended: PAM's beside them are the same sign-in. */
const TOLD_BY_ITSELF =
  "(?:sshd|dropbear|dovecot|sudo|su|su-l|cron|crond|systemd-user|smtp|imap|pop3|pop)";

export const pam: Program = {
  names: String.raw`[^:]*`,
  lines: [
    {
      says: String.raw`pam_\w+\(${TOLD_BY_ITSELF}:auth\): authentication failure;.* ${RHOST}(?:\s+user=(?P<user>.*))?$`,
      kind: "authentication-other",
      ended: "failure",
    },
    {
      says: String.raw`pam_\w+\([^)]*:auth\): authentication failure;.* ${RHOST}(?:\s+user=(?P<user>.*))?$`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`pam_\w+\([^)]*:auth\): authentication failure;.* ${RHOST_NAME}(?:\s+user=(?P<user>.*))?$`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`pam_\w+\([^)]*:auth\): authentication success;.* ${RHOST}(?:\s+user=(?P<user>.*))?$`,
      kind: "authentication-other",
      ended: "success",
    },
    {
      says: String.raw`pam_\w+\([^)]*:auth\): (?P<detail>check pass; user unknown)`,
      kind: "authentication-other",
      ended: "failure",
    },
    {
      says: String.raw`pam_\w+\((?:login|gdm\S*|lightdm|sddm|kdm|xdm|xrdp\S*|cockpit|remote|proftpd|vsftpd|pure-ftpd|webmin|usermin):session\): session opened for user (?P<user>[^\s(]+)`,
      kind: "logon",
      ended: "success",
    },
    {
      says: String.raw`pam_\w+\([^)]*:session\): session opened for user (?P<user>[^\s(]+)(?:\(uid=[0-9]+\))? by (?P<by>[^\s(]*)\(`,
      kind: "authentication-other",
      ended: "success",
    },
    {
      says: String.raw`pam_\w+\([^)]*:session\): session closed for user (?P<user>\S+)`,
      kind: "logoff",
      ended: "success",
    },
    {
      says: String.raw`pam_\w+\([^)]*:chauthtok\): password changed for (?P<user>\S+)`,
      kind: "password-change",
      ended: "success",
    },
    {
      says: String.raw`pam_\w+\([^)]*:chauthtok\): (?P<detail>user "(?P<user>.*)" does not exist.*)`,
      kind: "password-change",
      ended: "failure",
    },
    {
      says: String.raw`pam_(?:faillock|tally2?)\([^)]*\): (?:Consecutive login failures for user (?P<user>\S+) account temporarily locked|user (?:\S+) \([0-9]+\) (?:has been )?(?:locked|tally).*)`,
      kind: "account-lock",
    },
    {
      says: String.raw`(?:sshd|login)?(?:\(pam_google_authenticator\)|pam_google_authenticator\([^)]*\)): Accepted google_authenticator code for (?P<user>\S+)`,
      kind: "authentication-other",
      ended: "success",
      mfa: true,
    },
    {
      says: String.raw`(?:sshd|login)?(?:\(pam_google_authenticator\)|pam_google_authenticator\([^)]*\)): Invalid verification code for (?P<user>\S+)`,
      kind: "authentication-other",
      ended: "failure",
      mfa: true,
    },
    {
      says: String.raw`pam_duo\([^)]*\)?: .*(?:Failed|failed|denied) .*for '?(?P<user>[^' ]+)'? from ${RHOST.slice("rhost=".length)}`,
      kind: "authentication-other",
      ended: "failure",
      mfa: true,
    },
  ],
};

const SUDO_REST = String.raw`TTY=(?:\S+) ; PWD=(?P<object>.*) ; USER=(?P<user>\S+)(?: ; GROUP=\S+)?(?: ; TSID=\S+)?(?: ; ENV=.*)? ; COMMAND=(?P<command>.*)$`;

export const sudo: Program = {
  names: "sudo|doas",
  lines: [
    {
      says: String.raw`(?P<by>\S+) : (?P<detail>[0-9]+ incorrect password attempts?|user NOT in sudoers|user NOT authorized on host|command not allowed|a password is required|a terminal is required .*|auth could not .*|sorry, .*) ; ${SUDO_REST}`,
      kind: "account-switch",
      ended: "failure",
    },
    { says: `(?P<by>\\S+) : ${SUDO_REST}`, kind: "account-switch", ended: "success" },
    {
      says: String.raw`(?P<by>\S+) ran command (?P<command>.*) as (?P<user>\S+) from `,
      kind: "account-switch",
      ended: "success",
    },
    {
      says: String.raw`failed (?:auth|command) for (?P<by>\S+)`,
      kind: "account-switch",
      ended: "failure",
    },
  ],
};

export const su: Program = {
  names: "su",
  lines: [
    {
      says: String.raw`Successful su for (?P<user>\S+) by (?P<by>\S+)`,
      kind: "account-switch",
      ended: "success",
    },
    {
      says: String.raw`FAILED (?:SU|su) (?:\(to |for )(?P<user>[^\s)]+)\)? (?:by )?(?P<by>\S+)`,
      kind: "account-switch",
      ended: "failure",
    },
    {
      says: String.raw`\(to (?P<user>[^\s)]+)\) (?P<by>\S+) on `,
      kind: "account-switch",
      ended: "success",
    },
    {
      says: String.raw`'su (?P<user>\S+)' failed for (?P<by>\S+) on `,
      kind: "account-switch",
      ended: "failure",
    },
    {
      says: String.raw`'su (?P<user>\S+)' succeeded for (?P<by>\S+) on `,
      kind: "account-switch",
      ended: "success",
    },
    {
      says: String.raw`BAD SU (?P<by>\S+) to (?P<user>\S+) on `,
      kind: "account-switch",
      ended: "failure",
    },
    {
      says: String.raw`(?P<by>\S+) to (?P<user>\S+) on `,
      kind: "account-switch",
      ended: "success",
    },
  ],
};

export const login: Program = {
  names: "login|systemd-logind|logind|agetty",
  lines: [
    {
      says: String.raw`FAILED LOGIN (?:SESSION )?(?:\([0-9]+\)|[0-9]+)?\s*(?:FROM '?(?P<host>[^\s']*)'?|on '[^']*')(?: FROM '(?:[^']*)')?,? ?FOR '?(?P<user>.*?)'?, (?P<detail>.*)$`,
      kind: "logon",
      ended: "failure",
    },
    {
      says: String.raw`(?P<user>ROOT) LOGIN `,
      kind: "logon",
      ended: "success",
    },
    { says: String.raw`LOGIN ON \S+ BY (?P<user>\S+)`, kind: "logon", ended: "success" },
    {
      says: String.raw`New session '?(?P<session>[^\s']+)'? of user '?(?P<user>.+?)'?(?: with class .*)?\.$`,
      kind: "authentication-other",
      ended: "success",
    },
    { says: String.raw`Removed session (?P<session>\S+)\.$`, kind: "logoff", ended: "success" },
  ],
};

export const accountTools: Program = {
  names:
    "useradd|adduser|userdel|usermod|groupadd|groupdel|groupmod|gpasswd|passwd|chage|pwck|shadow",
  lines: [
    { says: "new user: name=(?P<user>[^,]+)", kind: "account-create", ended: "success" },
    {
      says: "(?P<detail>failed adding user) '(?P<user>[^']*)'",
      kind: "account-create",
      ended: "failure",
    },
    { says: "delete user '(?P<user>[^']*)'", kind: "account-delete", ended: "success" },
    { says: "new group: name=(?P<object>[^,]+)", kind: "group-create", ended: "success" },
    {
      says: "(?:removed )?group '?(?P<object>[^']*)'? removed|removed group '(?:[^']*)'",
      kind: "group-delete",
      ended: "success",
    },
    {
      says: "add '(?P<user>[^']*)' to (?:shadow )?group '(?P<object>[^']*)'",
      kind: "group-add",
      ended: "success",
    },
    {
      says: String.raw`user (?P<user>\S+) added by (?P<by>\S+) to group (?P<object>\S+)`,
      kind: "group-add",
      ended: "success",
    },
    {
      says: "(?:delete '(?P<user>[^']*)' from|removed '(?:[^']*)' from) (?:shadow )?group '(?P<object>[^']*)'",
      kind: "group-remove",
      ended: "success",
    },
    { says: "lock user '(?P<user>[^']*)' password", kind: "account-disable", ended: "success" },
    { says: "unlock user '(?P<user>[^']*)' password", kind: "account-enable", ended: "success" },
    { says: "change user '(?P<user>[^']*)' password", kind: "password-change", ended: "success" },
    {
      says: String.raw`(?P<detail>password for '(?P<user>[^']*)' changed by '(?P<by>[^']*)')`,
      kind: "password-change",
      ended: "success",
    },
  ],
};

export const cron: Program = {
  names: String.raw`(?i:(?:/usr/sbin/)?crond?|anacron|crontab|atd)`,
  lines: [
    {
      says: String.raw`\((?P<user>[^)]*)\) CMD \((?P<command>.*)\)$`,
      kind: "process-launch",
      ended: "success",
    },
    {
      says: String.raw`\((?P<user>[^)]*)\) (?P<detail>REPLACE|DELETE|BEGIN EDIT|END EDIT|LIST|RELOAD) \((?P<object>.*)\)$`,
      kind: "other",
    },
  ],
};
