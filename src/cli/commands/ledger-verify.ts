import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { TocsinError } from "../../core/errors.ts";
import { verifyExport } from "../../ledger/export-ledger.ts";
import type { Verification } from "../../ledger/verify-source.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { number, type Terminal } from "../terminal.ts";

const TAMPERED = 3;

export const run: Run = async (cli, { options }) => {
  const file = text(options["export"]);
  const found =
    file === undefined
      ? answer<Verification>(await (await cli.api()).get("ledger-verify"))
      : await ofFile(file, text(options["key"]));
  show(cli, found, () => render(found, cli.terminal));
  return found.ok ? 0 : TAMPERED;
};

async function ofFile(file: string, key: string | undefined): Promise<Verification> {
  if (key === undefined)
    throw new TocsinError(
      "invalid",
      "an export is verified with the ledger's public key: --key FILE",
    );
  const publicKey = (await readFile(key, "utf8")).trim();
  return await verifyExport(createInterface({ input: createReadStream(file) }), publicKey);
}

function render(found: Verification, terminal: Terminal): string {
  if (found.ok)
    return `${terminal.green("the ledger is whole")} · ${number(found.size)} entries, ${number(found.members)} members · root ${found.root}`;
  const problems = found.problems.map((one) => `  ${one.what}: ${one.message}`);
  return [
    terminal.red(`the ledger was tampered with: ${number(found.problemCount)} problems`),
    ...problems,
  ].join("\n");
}
