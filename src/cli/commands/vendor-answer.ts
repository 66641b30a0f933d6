import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";

export const run: Run = async (cli, { args, options }) => {
  const api = await cli.api();
  const given = (name: string): Record<string, string> => {
    const value = text(options[name]);
    return value === undefined ? {} : { [name]: value };
  };
  const answered = await api.post("vendor-answer", {
    incident: args["incident"],
    vendor: args["vendor"],
    says: text(options["says"]),
    carriedOut: text(options["carried-out"]),
    declined: options["declined"] === true,
    ...given("ticket"),
    ...given("evidence"),
    ...given("reference"),
  });
  show(cli, answered, () => "on record");
  return 0;
};
