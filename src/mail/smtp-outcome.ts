// nodemailer's errors, by their code, reply and the stage of the message, as outcomes. No message text is looked at.
import type { NodemailerError } from "nodemailer/lib/errors";
import { replyOf, type Handed, type Reply, type UnreachableReason } from "./handed.ts";
import type { Stage } from "./message-body.ts";

/** Replies to MAIL that are about this message and not about the sender: too large, no such encoding (RFC 5321, 6531). */
const ABOUT_THE_MESSAGE: ReadonlySet<number> = new Set([552, 553, 555]);

/** A failure before the first message: connecting, greeting, STARTTLS, AUTH. Nothing was handed over, and it is not about any recipient. */
export function handedOfLineError(error: NodemailerError): Handed {
  const reply = replyOf(error.response);
  const base = { kind: "unreachable", reason: lineReason(error), retryable: true } as const;
  return reply ? { ...base, reply } : base;
}

const LINE_REASONS: Readonly<Record<string, UnreachableReason>> = {
  EDNS: "host",
  ETLS: "tls",
  EAUTH: "auth",
};

function lineReason(error: NodemailerError): UnreachableReason {
  const code = error.code ?? "";
  const cause = error.originalCode ?? "";
  if (cause === "ENOTFOUND" || cause === "EAI_AGAIN") return "host";
  // What OpenSSL and Node call a certificate or handshake that they will not have (nodejs.org/api/tls.html, X509 codes).
  if (/^(ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(cause)) return "tls";
  return LINE_REASONS[code] ?? "connection";
}

/** A failure of `send`, given how far the message had come. */
export function handedOfSendError(error: NodemailerError, stage: Stage): Handed {
  const reply = replyOf(error.response);
  if (reply && reply.code >= 400 && reply.code < 600) return handedOfReply(reply, error);
  if (stage === "sent")
    return { kind: "unknown", reason: error.code === "ETIMEDOUT" ? "no-reply" : "line-lost" };
  if (error.command === "API" && error.code === "EENVELOPE") {
    return { kind: "unreachable", reason: "address", retryable: false };
  }
  if (error.code === "EMESSAGE") return { kind: "refused", reason: "too-large" };
  return { kind: "deferred", reason: error.code === "ETIMEDOUT" ? "no-reply" : "line-lost" };
}

function handedOfReply(reply: Reply, error: NodemailerError): Handed {
  // 503 says that the session was out of step, not that the message is bad: another line can carry it.
  if (reply.code < 500 || reply.code === 503)
    return { kind: "deferred", reason: `reply-${reply.code}`, reply };
  if (reply.code === 530 || reply.code === 535 || reply.code === 538) {
    return { kind: "unreachable", reason: "auth", retryable: true, reply };
  }
  // A 5xx to MAIL is the provider's word on us, not on a recipient: a suspended account answers so to everybody.
  if (error.command === "MAIL FROM" && !ABOUT_THE_MESSAGE.has(reply.code)) {
    return { kind: "unreachable", reason: "sender", retryable: true, reply };
  }
  return { kind: "refused", reason: `reply-${reply.code}`, reply };
}
