import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";

export const run: Run = async (cli, { options }) => {
  const api = await cli.api();
  const list = (name: string): string[] => text(options[name])?.split(",") ?? [];
  const incident = text(options["incident"]) ?? "";
  const erased = await api.post("ledger-erase", {
    entries: list("entries"),
    members: list("members").map((member) => ({ incident, member })),
    because: text(options["because"]),
  });
  show(cli, erased, () => "erased; the ledger still verifies");
  return 0;
};
