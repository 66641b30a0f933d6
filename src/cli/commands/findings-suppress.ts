import type { Suppressed } from "../../detect/findings/suppress-findings.ts";
import { TocsinError } from "../../core/errors.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { instant } from "../instant.ts";
import { number } from "../terminal.ts";

export const run: Run = async (cli, { args, options, rest }) => {
  const until = instant(text(options["until"]));
  const because = text(options["because"]);
  if (until === undefined) throw new TocsinError("invalid", "say when it ends: --until TIME");
  if (because === undefined) throw new TocsinError("invalid", "say why: --because TEXT");
  const one = text(options["entity"]);
  const entities = Object.fromEntries([...(one === undefined ? [] : [one]), ...rest].map(pairOf));
  const api = await cli.api();
  const made = answer<Suppressed>(
    await api.post("suppress-findings", { rule: args["rule"], entities, until, because }),
  );
  show(
    cli,
    made,
    ({ rule, hidden }) =>
      `findings of ${rule} are counted and not shown until ${until.slice(0, 16)}; ${number(hidden)} that were open are set aside`,
  );
  return 0;
};

function pairOf(text_: string): [string, string] {
  const at = text_.indexOf("=");
  if (at < 1) throw new TocsinError("invalid", `${text_}: write NAME=VALUE`);
  return [text_.slice(0, at), text_.slice(at + 1)];
}
