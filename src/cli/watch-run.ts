// Follows a run to its end, and does its work here where no server does.
import { setTimeout as sleep } from "node:timers/promises";
import type { RunShown } from "../incidents/runs.ts";
import { answer } from "./answer.ts";
import type { Cli } from "./cli.ts";
import { ended, renderRun } from "./render-run.ts";

const EVERY_MS = 250;
const LINE_EVERY_MS = 10_000;

/** @returns 0 where the run is complete, 75 (try again) where it is paused, 130 where it was aborted */
export async function watchRun(cli: Cli, of: { run: string }): Promise<number> {
  const api = await cli.api();
  const look = async (): Promise<RunShown> =>
    answer<RunShown>(await api.get("run", { run: of.run }));
  const working = api.work?.(of.run);
  const screen = cli.json || cli.quiet ? undefined : drawing(cli);
  let shown = await look();
  // A bug in the work must not leave us watching a run that nobody does.
  const failed = working?.then(() => undefined) ?? new Promise<undefined>(() => {});
  while (!ended(shown) && !cli.signal.aborted) {
    screen?.(shown);
    await Promise.race([sleep(EVERY_MS), failed.then(async () => await sleep(EVERY_MS))]);
    shown = await look();
    if (shown.progress.state === "paused") break;
  }
  await working;
  shown = await look();
  screen?.(shown);
  if (cli.json) cli.out(JSON.stringify(shown, undefined, 2));
  else if (!process.stderr.isTTY) cli.out(renderRun(shown, cli.terminal));
  return { complete: 0, watching: 0, aborted: 130, paused: 75, running: 75, aborting: 75 }[
    shown.progress.state
  ];
}

function drawing(cli: Cli): (run: RunShown) => void {
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
