/** Bytes of one record, within a larger buffer that is valid until the call returns. */
export type Span = {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  /** Why it could not be taken as it stood; empty where it could. */
  readonly flaw: string;
};

/** `place` is from 1 and only grows. */
export type Take = (place: number, span: Span) => void;

/** Cuts text that comes in pieces of any size into records. Holds at most `MOST_RECORD_BYTES` and one piece. */
export interface Cutter {
  push(piece: Buffer): void;
  /** What is held is the last record. */
  end(): void;
  /** Bytes of pieces before this one that a record to come may still begin with. */
  readonly held: number;
}

/** What is longer is cut there, and says how long it was. */
export const MOST_RECORD_BYTES = 16 << 20;

export function cutFlaw(bytes: number): string {
  return `longer than 16 MiB: ${bytes} bytes, of which the rest is left out`;
}

export const LF = 10;
export const CR = 13;
export const NOTHING: Buffer = Buffer.alloc(0);
