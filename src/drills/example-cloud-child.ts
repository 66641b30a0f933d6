// Starts Example Cloud in a process of its own, so that it takes none of the drill's time and outlives its mistakes.
import { fork } from "node:child_process";
import { once } from "node:events";
import type { Doors } from "./example-cloud/example-cloud.ts";
import type { ToParent } from "./example-cloud/example-cloud-process.ts";

export type ExampleCloudChild = AsyncDisposable & {
  readonly doors: Doors;
  /** Ends this process, too, should the drill go away without a word. */
  watch(pid: number): void;
  forget(pid: number): void;
};

export type ChildInput = {
  readonly folder: string;
  readonly seed: number;
  readonly scale: number;
  /** Data folders whose Postgres must not outlive us. */
  readonly ends: readonly string[];
  /** Deleted should we go away without a word. */
  readonly removes?: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
};

/** @throws Error with what Example Cloud said, where it cannot be made */
export async function startExampleCloud({
  say,
  signal,
  ...input
}: ChildInput): Promise<ExampleCloudChild> {
  const program = new URL("example-cloud/example-cloud-process.ts", import.meta.url);
  const child = fork(program, [JSON.stringify(input)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    detached: true,
  });
  const exited = once(child, "exit");
  const order = (one: object): void => {
    if (child.connected) child.send(one);
  };
  const stopMaking = (): void => order({ stop: true });
  signal.addEventListener("abort", stopMaking, { once: true });
  const doors = await new Promise<Doors>((resolve, reject) => {
    child.on("message", (message) => {
      const told = message as ToParent; // its own module says what it sends
      if ("say" in told) say(told.say);
      else if ("ready" in told) resolve(told.ready);
      else reject(new Error(`Example Cloud: ${told.failed}`));
    });
    void exited.then(([status]: unknown[]) =>
      reject(new Error(`Example Cloud ended with ${String(status)}`)),
    );
  });
  signal.removeEventListener("abort", stopMaking); // from here on the drill says when
  return {
    doors,
    watch: (pid) => order({ watch: pid }),
    forget: (pid) => order({ forget: pid }),
    [Symbol.asyncDispose]: async () => {
      order({ stop: true });
      await exited;
    },
  };
}
