import { header, type IncomingMail } from "../incoming/incoming-mail.ts";

const SUBJECT =
  /^\s*(auto(matic)?[- :]?(reply|response|responder)|autoreply|out of (the )?office|vacation|on vacation|away (from|until)|abwesen|automatische antwort|réponse automatique|absence|respuesta automática|fuera de la oficina|i am away)/i;
const BODY =
  /i (am|'m|will be) (currently )?(away|out of (the )?office|on (vacation|holiday|leave))|i am traveling|out of the office/i;

/** Whether a machine answered for somebody who received the message (RFC 3834, section 5; and the headers that others use). */
export function isAutoReply(mail: IncomingMail): boolean {
  if (/^auto-replied\b/i.test(header(mail, "auto-submitted"))) return true;
  if (
    /^(yes|reply|auto[_-]?reply)/i.test(header(mail, "x-autoreply") || header(mail, "x-auto-reply"))
  )
    return true;
  if (header(mail, "x-autorespond") !== "") return true;
  if (/auto_reply|junk|bulk/i.test(header(mail, "precedence")) && SUBJECT.test(mail.subject))
    return true;
  if (/oof|all/i.test(header(mail, "x-auto-response-suppress")) && SUBJECT.test(mail.subject))
    return true;
  return (
    /^\s*(re: *)?auto(matic)?[- ]?(reply|response)/i.test(mail.subject) ||
    (SUBJECT.test(mail.subject) && BODY.test(mail.text))
  );
}
