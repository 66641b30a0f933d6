import { renderDiff } from "../render-diff.ts";
import { renderPlan } from "../render-plan.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import type { Planned } from "../../incidents/plan/plan.ts";
import type { PlanDiff } from "../../incidents/plan/diff-plans.ts";
import type { PlanShown } from "../../incidents/plan/show-plan.ts";
import { answer } from "../answer.ts";

export const run: Run = async (cli, { args, options }) => {
  const api = await cli.api();
  const { incident } = args;
  const only = text(options["only"]);
  const planned = answer<Planned>(
    await api.post("plan", { incident, ...(only === undefined ? {} : { only }) }),
  );
  if (options["diff"] === true) {
    const diff = answer<PlanDiff>(
      await api.get("diff-plans", { incident, digest: planned.digest }),
    );
    show(cli, { digest: planned.digest, ...diff }, () => renderDiff(diff, cli.terminal));
    return 0;
  }
  const shown = answer<PlanShown>(await api.get("show-plan", { plan: planned.digest }));
  show(cli, { ...shown, fresh: planned.fresh }, () => renderPlan(shown, cli.terminal));
  return 0;
};
