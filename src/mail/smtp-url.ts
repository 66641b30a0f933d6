import { TocsinError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";

export type SmtpAddress = {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (RFC 8314); otherwise STARTTLS. */
  readonly implicitTls: boolean;
  readonly user: string | undefined;
  readonly password: Secret | undefined;
};

/** `smtps://user:password@host:465`, `smtp://host:587`. The secret stays one. @throws TocsinError `invalid` */
export function smtpAddress(
  name: string,
  url: Secret,
  secret: (value: string) => Secret,
): SmtpAddress {
  const parsed = URL.parse(url.reveal());
  if (!parsed || !["smtp:", "smtps:"].includes(parsed.protocol) || parsed.hostname === "") {
    throw new TocsinError(
      "invalid",
      `mail provider ${name}: write smtp://host:587 or smtps://host:465 for smtp`,
    );
  }
  const implicitTls = parsed.protocol === "smtps:";
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ""),
    port: parsed.port === "" ? (implicitTls ? 465 : 587) : Number(parsed.port),
    implicitTls,
    user: parsed.username === "" ? undefined : decodeURIComponent(parsed.username),
    password: parsed.password === "" ? undefined : secret(decodeURIComponent(parsed.password)),
  };
}
