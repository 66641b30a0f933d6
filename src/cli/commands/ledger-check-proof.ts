import { readFile } from "node:fs/promises";
import { verifyProof } from "../../ledger/verify-proof.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";

const NOT_PROVED = 3;

/** Needs nothing but the two files: no store, no server, no tocsin.yaml. */
export const run: Run = async (cli, { args, options }) => {
  const proof: unknown = JSON.parse(await readFile(args["proof"] ?? "", "utf8"));
  const key = (await readFile(text(options["key"]) ?? "key.pub", "utf8")).trim();
  const proven = verifyProof(proof, key);
  show(cli, proven, () =>
    proven.ok ? "proved: it stands in the signed ledger" : `not proved: ${proven.because}`,
  );
  return proven.ok ? 0 : NOT_PROVED;
};
