import type { VendorRequest } from "../../contain/vendor-requests.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import type { Run } from "../command.ts";
import { table } from "../terminal.ts";

export const run: Run = async (cli, { args }) => {
  const api = await cli.api();
  const requests = answer<VendorRequest[]>(
    await api.get("vendor-requests", { incident: args["incident"] }),
  );
  show(cli, requests, () =>
    requests.length === 0
      ? "no vendor was asked"
      : table(
          requests.map((one) => [
            one.reference,
            one.connector,
            one.asks,
            one.state,
            one.ticket ?? "",
          ]),
        ),
  );
  return 0;
};
