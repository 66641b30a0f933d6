import { writeFile } from "node:fs/promises";
import { TocsinError } from "../../core/errors.ts";
import { text, type Run } from "../command.ts";

/** The proof is JSON whichever way: it is for machines, and stands alone. */
export const run: Run = async (cli, { args, options }) => {
  const api = await cli.api();
  const [entry, member, incident] = [
    args["entry"],
    text(options["member"]),
    text(options["incident"]),
  ];
  if ((entry === undefined) === (member === undefined))
    throw new TocsinError("invalid", "name an entry, or --incident with --member RUN/STEP/KEY");
  const proof = await api.post(
    "ledger-prove",
    entry === undefined ? { incident, member } : { entry },
  );
  const written = JSON.stringify(proof, undefined, 2);
  const out = text(options["out"]);
  if (out === undefined) cli.out(written);
  else await writeFile(out, `${written}\n`, { mode: 0o600 });
  return 0;
};
