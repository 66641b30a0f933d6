import type { Budget } from "./budget.ts";
import type { Bytes } from "./bytes.ts";
import type { Parts } from "./document.ts";

/** What a reader is given beside the bytes. */
export type Walk = {
  readonly parts: Parts;
  readonly budget: Budget;
  /** Reads a document within this one, whatever it is; what is wrong with it becomes an unread part. */
  readonly inner: (bytes: Bytes, at: string) => Promise<void>;
};

/** Reads one document and gives its kind as people call it: `CSV, comma`. `at` is its place. */
export type Reader = (bytes: Bytes, at: string, walk: Walk) => Promise<string>;
