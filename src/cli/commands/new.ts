import { access } from "node:fs/promises";
import { join } from "node:path";
import { loadOrganisation } from "../../config/load-organisation.ts";
import { actorWithAllScopes } from "../../core/scope.ts";
import { incidentFolder } from "../../db/folder.ts";
import type { OpenedIncident } from "../../incidents/open-incident.ts";
import { findFolder } from "../../server/compose.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";

export const run: Run = async (cli, { args, options }) => {
  const folder = await findFolder(cli.folder, cli.environment["TOCSIN_DATA"]);
  const name = args["name"] ?? "";
  const path = join(incidentFolder(folder, name), "incident.yaml");
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (!there) {
    const { newIncident } = await import("../../config/new-incident.ts");
    const organisation = await loadOrganisation(join(folder.root, "tocsin.yaml"), cli.environment);
    const actor = actorWithAllScopes(cli.actor, "cli");
    const title = text(options["title"]);
    await newIncident(
      { actor, organisation, folder, signal: cli.signal },
      { incident: name, ...(title === undefined ? {} : { title }) },
    );
  }
  const api = await cli.api();
  const opened = answer<OpenedIncident>(await api.post("open-incident", { incident: name }));
  show(cli, { ...opened, path }, () =>
    there
      ? `${name} is ${opened.state}`
      : `${path}\nWrite down what you know, then: tocsin plan ${name}`,
  );
  return 0;
};
