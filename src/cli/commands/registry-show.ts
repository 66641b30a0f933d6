import type { RegistryStatus } from "../../registry/registry-status.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import type { Run } from "../command.ts";
import { number, table } from "../terminal.ts";

export const run: Run = async (cli) => {
  const api = await cli.api();
  const all = answer<RegistryStatus[]>(await api.get("registry-status"));
  const head = [
    "registry",
    "accounts",
    "people",
    "no address",
    "do not contact",
    "closed",
    "refreshed",
  ].map((name) => cli.terminal.dim(name));
  show(cli, all, () => table([head, ...all.map(row)], [1, 2, 3, 4, 5]));
  return 0;
};

function row(one: RegistryStatus): string[] {
  const counts = [one.accounts, one.people, one.unreachable, one.doNotContact, one.closed].map(
    number,
  );
  return [one.registry, ...counts, one.last ? one.last.at.slice(0, 16).replace("T", " ") : "never"];
}
