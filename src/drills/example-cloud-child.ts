// Starts Example Cloud in a process of its own, so that it takes none of the drill's time and outlives its mistakes.
import { fork } from "node:child_process";
import { once } from "node:events";
import type { Doors } from "./example-cloud.ts";
import type { ToParent } from "./example-cloud-process.ts";

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
  readonly say: (line: string) => void;
};

/** @throws Error with what Example Cloud said, where it cannot be made */
export async function startExampleCloud({ say, ...input }: ChildInput): Promise<ExampleCloudChild> {
  const program = new URL("example-cloud-process.ts", import.meta.url);
  const child = fork(program, [JSON.stringify(input)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    detached: true,
  });
  const exited = once(child, "exit");
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null && child.connected)
      child.send({ stop: true });
    await exited;
  };
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
  return {
    doors,
    watch: (pid) => void (child.connected && child.send({ watch: pid })),
    forget: (pid) => void (child.connected && child.send({ forget: pid })),
    [Symbol.asyncDispose]: stop,
  };
}
