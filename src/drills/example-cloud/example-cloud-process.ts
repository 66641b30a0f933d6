// Example Cloud as a child process of a drill: `node example-cloud-process.ts '{"folder":…,"seed":…,"scale":…}'`. When
// its parent goes away without a word, it ends what the parent had it watch, closes the company and ends itself.
import { z } from "zod";
import { endPostgres, removeDrill } from "../drill-leftovers.ts";
import { openExampleCloud, type Doors } from "./example-cloud.ts";

const Input = z.strictObject({
  folder: z.string(),
  seed: z.int(),
  scale: z.number(),
  /** Data folders whose Postgres must not outlive the parent either. */
  ends: z.array(z.string()).default([]),
  /** The drill's own folder, where nobody asked to keep it. */
  removes: z.string().optional(),
});
const Order = z.union([
  z.strictObject({ watch: z.int() }),
  z.strictObject({ forget: z.int() }),
  z.strictObject({ stop: z.literal(true) }),
]);

export type ToParent =
  | { readonly say: string }
  | { readonly ready: Doors }
  | { readonly failed: string };

async function main(): Promise<void> {
  const watched = new Set<number>();
  const input = Input.parse(JSON.parse(process.argv[2] ?? "{}"));
  const company = openExampleCloud({ ...input, say: (say) => tell({ say }) });
  let leaving: Promise<void> | undefined;
  let isOpen = false;
  const leave = async (): Promise<void> => {
    if (isOpen) await (await company)[Symbol.asyncDispose]();
    process.exit(0); // half made: the drill ends its Postgres and deletes it
  };
  const clearAway = async (): Promise<void> => {
    for (const pid of watched) kill(pid);
    await endPostgres([...input.ends, ...(isOpen ? [] : [input.folder])]);
    if (isOpen) await (await company)[Symbol.asyncDispose]();
    if (input.removes !== undefined)
      await removeDrill(input.removes, [...input.ends, input.folder]);
    process.exit(0);
  };
  process.on("disconnect", () => {
    leaving ??= clearAway();
  });
  process.on("message", (order) => {
    const said = Order.parse(order);
    if ("watch" in said) watched.add(said.watch);
    else if ("forget" in said) watched.delete(said.forget);
    else leaving ??= leave();
  });
  process.on("SIGINT", () => {}); // the terminal tells us and our parent; the parent tells us when
  process.on("SIGTERM", () => void (leaving ??= leave()));
  const { doors } = await company;
  isOpen = true;
  tell({ ready: doors });
}

function tell(message: ToParent): void {
  process.send?.(message);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended by itself
  }
}

main().catch((error: unknown) => {
  process.send?.({
    failed: error instanceof Error ? (error.stack ?? error.message) : String(error),
  } satisfies ToParent);
  process.exit(1);
});
