import { loadOrganisation } from "../../config/load-organisation.ts";
import { join } from "node:path";
import { TocsinError } from "../../core/errors.ts";
import { kafkaStatements } from "../../logs/ingest/kafka-statements.ts";
import { streamsOf } from "../../logs/ingest/streams-of.ts";
import { findFolder } from "../../server/compose.ts";
import { text, type Run } from "../command.ts";

export const run: Run = async (cli, { args, options }) => {
  const { root } = await findFolder(cli.folder, cli.environment["TOCSIN_DATA"]);
  const organisation = await loadOrganisation(join(root, "tocsin.yaml"), cli.environment);
  const name = args["stream"] ?? "";
  const stream = streamsOf(organisation).find((one) => one.name === name);
  if (!stream)
    throw new TocsinError(
      "not_found",
      `tocsin.yaml has no logs.${name} with \`ingest\`: docs/ingest.md`,
    );
  const statements = kafkaStatements({
    stream: name,
    brokers: text(options["brokers"]) ?? "kafka:9092",
    topic: text(options["topic"]) ?? name,
    group: text(options["group"]) ?? "tocsin",
    door: `${text(options["door"]) ?? "http://127.0.0.1:7443"}/api/logs/${name}`,
  });
  cli.out(
    cli.json
      ? JSON.stringify(statements, undefined, 2)
      : statements.map((one) => `${one};`).join("\n\n"),
  );
  return 0;
};
