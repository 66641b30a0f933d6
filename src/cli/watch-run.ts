// Follows a run to its end, and does its work here where no server does.
import { setTimeout as sleep } from "node:timers/promises";
import type { RunShown } from "../incidents/runs.ts";
import { answer } from "./answer.ts";
import { type Cli, show } from "./cli.ts";
import { ended, renderRun } from "./render-run.ts";

const EVERY_MS = 250;
const LINE_EVERY_MS = 10_000;

/** @returns 0 where the run is complete, 75 (try again) where it is paused, 130 where it was aborted */
export async function watchRun(cli: Cli, of: { run: string }): Promise<number> {
  const api = await cli.api();
  const look = async (): Promise<RunShown> =>
    answer<RunShown>(await api.get("run", { run: of.run }));
  const idle = new AbortController();
  const working = api.work?.(of.run).then(() => {
    idle.abort();
  });
  working?.catch(() => undefined); // it is awaited below
  const screen = drawing(cli);
  let shown = await look();
  while (!ended(shown) && !cli.signal.aborted && !idle.signal.aborted) {
    screen(shown);
    await Promise.race([sleep(EVERY_MS), ...(working ? [working] : [])]);
    shown = await look();
    if (shown.progress.state === "paused") break;
  }
  await working;
  shown = await look();
  screen(shown);
  if (cli.json || !process.stderr.isTTY) show(cli, shown, () => renderRun(shown, cli.terminal));
  if (idle.signal.aborted && shown.progress.state === "running")
    cli.note(`what is left waits for somebody: tocsin run left ${shown.incident}/${shown.number}`);
  return STATUS[shown.progress.state];
}

const STATUS = {
  complete: 0,
  watching: 0,
  aborted: 130,
  paused: 75,
  running: 75,
  aborting: 75,
} as const satisfies Record<RunShown["progress"]["state"], number>;

function drawing(cli: Cli): (run: RunShown) => void {
  if (cli.json || cli.quiet) return () => {};
  let lines = 0;
  let last = Date.now();
  return (run) => {
    if (!process.stderr.isTTY) {
      if (Date.now() - last >= LINE_EVERY_MS) cli.note(renderRun(run, cli.terminal));
      last = Date.now() - last >= LINE_EVERY_MS ? Date.now() : last;
      return;
    }
    const text = renderRun(run, cli.terminal);
    process.stderr.write(`${lines > 0 ? `\u001B[${lines}A\u001B[J` : ""}${text}\n`);
    lines = text.split("\n").length;
  };
}
