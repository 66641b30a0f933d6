import type { Checkpoint } from "../../ledger/checkpoint-ledger.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import type { Run } from "../command.ts";

export const run: Run = async (cli) => {
  const api = await cli.api();
  const checkpoint = answer<Checkpoint>(await api.post("ledger-checkpoint", {}));
  show(cli, checkpoint, () => checkpoint.note);
  return 0;
};
