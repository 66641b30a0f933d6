import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { ReportModel } from "../../disclose/report-model.ts";
import { incidentFolder } from "../../db/folder.ts";
import { findFolder } from "../../server/compose.ts";
import { answer } from "../answer.ts";
import { text, type Run } from "../command.ts";

export const run: Run = async (cli, { args, options }) => {
  const api = await cli.api();
  const incident = args["incident"] ?? "";
  const { model, html } = answer<{ model: ReportModel; html: string }>(
    await api.get("report", { incident }),
  );
  const folder = await findFolder(cli.folder, cli.environment["TOCSIN_DATA"]);
  const path = resolve(
    text(options["out"]) ?? join(incidentFolder(folder, incident), "report.html"),
  );
  await writeFile(path, html, { mode: 0o600 });
  cli.out(cli.json ? JSON.stringify({ path, ...model }, undefined, 2) : path);
  return 0;
};
