/** Bytes of requests that are held in memory, over all connections. What does not fit is refused before it is read. */
export type ByteBudget = {
  /** False where it would be too much: nothing was taken. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  readonly held: number;
};

export function byteBudget(most: number): ByteBudget {
  let held = 0;
  return {
    take: (bytes) => {
      if (held + bytes > most) return false;
      held += bytes;
      return true;
    },
    give: (bytes) => {
      held -= bytes;
    },
    get held() {
      return held;
    },
  };
}
