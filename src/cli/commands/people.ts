import type { AffectedPerson } from "../../incidents/list-people.ts";
import { TocsinError } from "../../core/errors.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run, type Typed } from "../command.ts";
import { table } from "../terminal.ts";

const ONLY = ["do-not-contact", "ambiguous", "unregistered"] as const;

export const run: Run = async (cli, { args, options }) => {
  const chosen = onlyOf(options);
  const cohort = text(options["cohort"]);
  const limit = text(options["limit"]);
  const api = await cli.api();
  const people = answer<AffectedPerson[]>(
    await api.post("people", {
      incident: args["incident"],
      ...(cohort === undefined ? {} : { cohort }),
      ...(chosen === undefined ? {} : { only: chosen }),
      ...(limit === undefined ? {} : { limit: Number(limit) }),
    }),
  );
  show(cli, people, () => (people.length === 0 ? "nobody" : table(people.map(row))));
  return 0;
};

function onlyOf(options: Typed["options"]): (typeof ONLY)[number] | undefined {
  const given = ONLY.filter((name) => options[name] === true);
  if (given.length > 1) throw new TocsinError("invalid", `choose one of --${given.join(", --")}`);
  return given[0];
}

function row(one: AffectedPerson): string[] {
  const registered = one.registry !== "";
  const marks = [
    one.doNotContact === "" ? "" : `do not contact: ${one.doNotContact}`,
    one.ambiguous ? "ambiguous" : "",
    registered ? "" : "not in the registry",
    one.minor ? "minor" : "",
    one.estate ? "estate" : "",
  ];
  return [
    registered ? `${one.registry}/${one.account}` : `${one.evidence} row ${one.row}`,
    one.username,
    one.contactAddress || one.email,
    one.country,
    one.categories.join(", "),
    marks.filter(Boolean).join(" · "),
  ];
}
