// A process of its own that reads one log and may be killed at any moment. Prints what is there of it at the end.
// node test/support/ingest-child.ts FOLDER DATABASE_URL
import { join } from "node:path";
import { z } from "zod";
import { Organisation } from "../../src/config/organisation.ts";
import { openLog } from "../../src/core/log.ts";
import { actorWithAllScopes } from "../../src/core/scope.ts";
import { Secret } from "../../src/core/secret.ts";
import { dataFolder } from "../../src/db/folder.ts";
import { openContext } from "../../src/db/open-context.ts";
import { removeLeftovers } from "../../src/evidence/private-folder.ts";
import { ingestLogs } from "../../src/logs/sources/ingest-logs.ts";

const [folder = "", databaseUrl = ""] = process.argv.slice(2);
await using ctx = await openContext({
  organisation: Organisation.parse({
    organisation: {
      name: "Example Cloud",
      domain: "example.cloud",
      contact: "privacy@example.cloud",
    },
  }),
  folder: dataFolder(folder),
  actor: actorWithAllScopes("test", "cli"),
  log: openLog("silent"),
  stores: { databaseUrl: new Secret(databaseUrl) },
  who: "test",
});
await removeLeftovers(ctx.folder);
const click = await ctx.click();
process.stdout.write("ready\n");
await ingestLogs(ctx, { paths: [join(folder, "a.log")] });
const [row] = await click.query(
  z.object({ digest: z.string(), left: z.number() }),
  `select concat(toString(count()), ' ', toString(sum(sipHash64(place, time, raw)))) as digest,
    (select count() from events_reading) + (select count() from events_dated) as left from events`,
);
const [entries] = await ctx.db.read<{ records: number }[]>`select records::int from log_sources`;
process.stdout.write(`${row?.digest} left ${row?.left} recorded ${entries?.records}\n`);
