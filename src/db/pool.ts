// A few connections, each used by one caller at a time, opened when they are first needed.

export type Pool<Connection> = {
  use<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result>;
  /** Waits for what runs. */
  close(): Promise<void>;
};

/** First come, first served. */
export function openPool<Connection extends { close(): Promise<void> }>(
  open: () => Promise<Connection>,
  size: number,
): Pool<Connection> {
  const idle: Connection[] = [];
  const waiting: (() => void)[] = [];
  const running = new Set<Promise<unknown>>();
  let busy = 0;
  const use = async <Result>(
    work: (connection: Connection) => Promise<Result>,
  ): Promise<Result> => {
    if (busy >= size) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
    try {
      const connection = idle.pop() ?? (await open());
      try {
        return await work(connection);
      } finally {
        idle.push(connection);
      }
    } finally {
      const next = waiting.shift(); // takes our place, so `busy` stays
      if (next) next();
      else busy -= 1;
    }
  };
  return {
    use: async (work) => {
      const result = use(work);
      running.add(result);
      try {
        return await result;
      } finally {
        running.delete(result);
      }
    },
    close: async () => {
      await Promise.allSettled(running);
      await Promise.all(idle.splice(0).map(async (connection) => await connection.close()));
    },
  };
}
