import { domainToASCII } from "node:url";

export type MailAddress = {
  /** As it goes into `RCPT TO` and the headers: the domain in A-labels (RFC 5891). */
  readonly address: string;
  /** The part before the @ is not ASCII, so the provider must offer SMTPUTF8 (RFC 6531). */
  readonly needsUtf8: boolean;
};

// RFC 5321, 4.1.2: a dot-string of atoms, and RFC 6531's UTF-8 beyond ASCII. A quoted local part is legal but no registry's
// address needs one, and it is where injections live: it is not an address here.
const LOCAL = /^[^\s"(),:;<>@[\\\]\p{Cc}\p{Cf}\p{Cs}\p{Z}]+$/u;
const DOMAIN =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** `undefined` where the text is no address that mail can be written to; nothing in an address that passes can end a line or a command. */
export function mailAddress(text: string): MailAddress | undefined {
  const at = text.lastIndexOf("@");
  if (at < 1) return undefined;
  const local = text.slice(0, at).normalize("NFC");
  // RFC 5321, 4.5.3.1.1 counts octets.
  if (!LOCAL.test(local) || Buffer.byteLength(local) > 64 || /^\.|\.$|\.\./.test(local))
    return undefined;
  const domain = domainToASCII(text.slice(at + 1)).toLowerCase();
  if (!DOMAIN.test(domain)) return undefined;
  return { address: `${local}@${domain}`, needsUtf8: /[^\x21-\x7e]/.test(local) };
}
