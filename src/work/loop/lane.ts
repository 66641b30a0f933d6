import type { Chunk } from "../store/claim-chunk.ts";

/** A chunk that this worker holds. */
export type Lane = {
  readonly chunk: Chunk;
  /** Hand nothing more over; what is in flight is finished and recorded. */
  readonly halted: AbortSignal;
  readonly halt: () => void;
  /** The lease is over: somebody else may act on these targets. */
  readonly lost: AbortSignal;
  readonly lose: () => void;
  /** The lease was renewed by a statement that was sent at this time of the monotonic clock. */
  readonly renewed: (sentAt: number) => void;
  /** By our own clock, from when the renewal was sent: never later than the store's. */
  readonly endsAt: () => number;
};

export function openLane(
  chunk: Chunk,
  { sentAt, leaseMs }: { sentAt: number; leaseMs: number },
): Lane {
  const halted = new AbortController();
  const lost = new AbortController();
  let endsAt = sentAt + leaseMs;
  return {
    chunk,
    halted: halted.signal,
    halt: () => halted.abort(),
    lost: lost.signal,
    lose: () => {
      halted.abort();
      lost.abort();
    },
    renewed: (at) => {
      endsAt = Math.max(endsAt, at + leaseMs);
    },
    endsAt: () => endsAt,
  };
}
