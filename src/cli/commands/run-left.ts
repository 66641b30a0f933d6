import { TocsinError } from "../../core/errors.ts";
import type { RunShown } from "../../incidents/runs.ts";
import type { Left } from "../../work/left-of.ts";
import type { Outcome } from "../../work/outcomes-of.ts";
import { OUTCOME_STATES } from "../../work/handler.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { table } from "../terminal.ts";

export const run: Run = async (cli, { args, options }) => {
  const api = await cli.api();
  const state = text(options["state"]) ?? "left";
  if (state !== "left" && !OUTCOME_STATES.some((one) => one === state)) {
    throw new TocsinError("invalid", `--state takes left, ${OUTCOME_STATES.join(", ")}`);
  }
  const { run: id, progress } = answer<RunShown>(await api.get("run", { run: args["run"] }));
  const limit = Number(text(options["limit"]) ?? 100);
  const nameOf = (step: number): string =>
    progress.steps.find((one) => one.step === step)?.name ?? String(step);
  if (state === "left") {
    const left = answer<Left[]>(await api.post("run-left", { run: id, limit }));
    show(cli, left, () =>
      left.length === 0
        ? "nothing is left"
        : table(left.map((one) => [nameOf(one.step), one.key, one.why, one.reason ?? ""])),
    );
    return 0;
  }
  const outcomes = answer<Outcome[]>(await api.post("run-outcomes", { run: id, state, limit }));
  show(cli, outcomes, () =>
    outcomes.length === 0
      ? `none is ${state}`
      : table(
          outcomes.map((one) => [
            nameOf(one.step),
            one.key,
            one.state,
            one.reason ?? "",
            String(one.at),
          ]),
        ),
  );
  return 0;
};
