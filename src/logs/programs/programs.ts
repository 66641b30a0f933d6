// Every program whose lines are known. Where two fit, the first is it.
import { accountTools, cron, login, pam, su, sudo } from "./accounts.ts";
import { dovecot, dovecotAuth, exim, postfix } from "./mail.ts";
import type { Program } from "./program.ts";
import { charon, firewall, named, proftpd, pureFtpd, vsftpd } from "./servers.ts";
import { dropbear, sshd } from "./sshd.ts";

export const PROGRAMS: readonly Program[] = [
  sshd,
  dropbear,
  pam,
  sudo,
  su,
  login,
  accountTools,
  cron,
  postfix,
  dovecot,
  dovecotAuth,
  exim,
  vsftpd,
  proftpd,
  pureFtpd,
  named,
  firewall,
  charon,
];
