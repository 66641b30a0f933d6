import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { PersonNotReached } from "../../incidents/inbox/people-not-reached.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { csvRows } from "../csv-rows.ts";
import { number, table } from "../terminal.ts";

export const run: Run = async (cli, { args, options }) => {
  const [only, csv] = [text(options["only"]), text(options["csv"])];
  const api = await cli.api();
  const people = answer<PersonNotReached[]>(
    await api.post("people-not-reached", {
      incident: args["incident"],
      ...(only === undefined ? {} : { only }),
    }),
  );
  if (csv === undefined) {
    show(cli, people, () => (people.length === 0 ? "nobody" : table(people.map(row))));
    return 0;
  }
  const path = resolve(cli.folder, csv);
  await writeFile(path, csvRows(cells(people)), { flag: "wx", mode: 0o600 });
  cli.out(`${number(people.length)} people in ${path}`);
  return 0;
};

function row({ fate, reason, status, name, to, country, accounts }: PersonNotReached): string[] {
  return [fate, `${reason} ${status}`.trim(), name, to, country, accounts.join(", ")];
}

function cells(people: readonly PersonNotReached[]): string[][] {
  const postal = [...new Set(people.flatMap((one) => Object.keys(one.postal)))].toSorted();
  const head = [
    "subject",
    "name",
    "language",
    "country",
    ...postal,
    "phone",
    "email",
    "accounts",
    "fate",
    "reason",
  ];
  return [
    head,
    ...people.map((one) => [
      one.subject,
      one.name,
      one.language,
      one.country,
      ...postal.map((column) => one.postal[column] ?? ""),
      one.phone,
      one.to,
      one.accounts.join(" "),
      one.fate,
      one.reason,
    ]),
  ];
}
