// A message as it goes over the wire: an envelope and finished bytes. Who renders them is another part's business.

/** `data` has CRLF line ends and is not dot-stuffed. `id` is the Message-ID without its angle brackets. */
export type Message = {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly data: Buffer;
};
