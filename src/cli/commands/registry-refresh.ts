import type { Refreshed } from "../../registry/refresh-one.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { number } from "../terminal.ts";

export const run: Run = async (cli, { options }) => {
  const api = await cli.api();
  const registry = text(options["only"]);
  const input = { full: options["full"] === true, shrink: options["shrunk"] === true };
  const done = answer<Refreshed[]>(
    await api.post("registry-refresh", {
      ...input,
      ...(registry === undefined ? {} : { registry }),
    }),
  );
  show(cli, done, () => done.map(line).join("\n"));
  return 0;
};

function line(one: Refreshed): string {
  const aside = Object.values(one.setAside).reduce((sum, count) => sum + count, 0);
  const listed =
    aside > 0 ? ` · ${number(aside)} set aside or marked: tocsin registry set-aside` : "";
  return `${one.registry}: ${number(one.rows)} rows read · ${number(one.accounts)} accounts${listed}`;
}
