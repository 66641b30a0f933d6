import type { CheckedOrganisation } from "../../config/check-organisation.ts";
import { EXIT_STATUS } from "../../core/errors.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import type { Run } from "../command.ts";
import { table, type Terminal } from "../terminal.ts";

export const run: Run = async (cli) => {
  const api = await cli.api();
  const checked = answer<CheckedOrganisation>(await api.get("check"));
  show(cli, checked, () => render(checked, cli.terminal));
  return checked.ok ? 0 : EXIT_STATUS.invalid;
};

function render({ results, warnings }: CheckedOrganisation, terminal: Terminal): string {
  const rows = results.flatMap(({ ok, name, says, problems }) => [
    [ok ? terminal.green("✓") : terminal.red("✗"), name, says],
    ...problems.map(({ at, message }) => ["", "", `${at}: ${message}`]),
  ]);
  const lines = warnings.map((warning) => `${terminal.yellow("!")}  ${warning}`);
  return [table([[terminal.green("✓"), "tocsin.yaml", "valid"], ...rows]), ...lines].join("\n");
}
