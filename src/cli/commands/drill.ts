import { TocsinError } from "../../core/errors.ts";
import { runDrill } from "../../drills/docker-hub-2019.ts";
import { drillScreen } from "../../drills/drill-screen.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";

const FAILED = 1;

export const run: Run = async (cli, { args, options }) => {
  const folder = text(options["folder"]);
  const result = await runDrill({
    name: args["drill"] ?? "",
    scale: numberOf(options["scale"], 1),
    seed: numberOf(options["seed"], 2019),
    killEvery: numberOf(options["kill-every"], 0),
    keep: options["keep"] === true,
    ...(folder === undefined ? {} : { folder }),
    tocsin: [process.execPath, process.argv[1] ?? ""],
    environment: cli.environment,
    signal: cli.signal,
    say: (line) => {
      if (cli.json) cli.note(line);
      else cli.out(line);
    },
  });
  show(cli, result, () => drillScreen(result, cli.terminal));
  return result.ok ? 0 : FAILED;
};

function numberOf(value: string | true | undefined, otherwise: number): number {
  const given = text(value);
  if (given === undefined) return otherwise;
  const read = Number(given);
  if (!Number.isFinite(read) || read < 0)
    throw new TocsinError("invalid", `${given} is not a number of 0 or more`);
  return read;
}
