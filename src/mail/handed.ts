// What became of one message that was handed to a provider. Values, not exceptions: each is a normal outcome of a fan-out.

/** Code of a reply and, where the provider gave one, its enhanced status (RFC 3463). Never the text: it may quote an address. */
export type Reply = { readonly code: number; readonly status?: string };

/** Why nothing was handed over at all. `smtputf8` is about the address; every other reason is about the provider. */
export const UNREACHABLE = [
  "address",
  "smtputf8",
  "host",
  "connection",
  "tls",
  "auth",
  "sender",
  "closed",
] as const;
export type UnreachableReason = (typeof UNREACHABLE)[number];

export type Handed =
  /** The provider has taken responsibility (2xx after the final dot). */
  | { readonly kind: "accepted"; readonly reply: Reply }
  /** Not taken, and may be tried again: a 4xx, or the line was lost before the final dot was written. */
  | { readonly kind: "deferred"; readonly reason: string; readonly reply?: Reply }
  /** Not taken, and never will be as it is: a 5xx about this recipient or this message. */
  | { readonly kind: "refused"; readonly reason: string; readonly reply?: Reply }
  | {
      readonly kind: "unreachable";
      readonly reason: UnreachableReason;
      /** False for an address that cannot be written to through this provider; true where the provider must first be mended. */
      readonly retryable: boolean;
      readonly reply?: Reply;
    }
  /** The line was lost after the final dot was written and before the reply: it may or may not have been taken. */
  | { readonly kind: "unknown"; readonly reason: string };

/** `550 5.1.1 <a@b.example> no such user` → 550, 5.1.1. `undefined` where it is no reply. */
export function replyOf(response: unknown): Reply | undefined {
  const match =
    typeof response === "string" ? /^(\d{3})(?:[ -](\d\.\d{1,3}\.\d{1,3}))?/.exec(response) : null;
  if (!match) return undefined;
  const code = Number(match[1]);
  return match[2] === undefined ? { code } : { code, status: match[2] };
}
