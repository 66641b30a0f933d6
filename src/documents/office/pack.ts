import type { UnreadReason } from "../document.ts";

export type PackEntry = {
  readonly name: string;
  /** As the archive tells it: it may lie. */
  readonly size: number;
  readonly unread?: { readonly reason: UnreadReason; readonly detail: string };
};

/** A ZIP archive that is a document. */
export type Pack = {
  readonly entries: readonly PackEntry[];
  /** @throws Unreadable where it is damaged or unpacks to too much, also in the middle */
  readonly read: (entry: Pick<PackEntry, "name">) => Promise<AsyncIterable<Buffer>>;
};
