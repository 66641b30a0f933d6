// A process of its own that scopes one dump and may be killed at any moment. Prints the digest of the exposures at the end.
// node test/support/scope-child.ts FOLDER DATABASE_URL
import { join } from "node:path";
import { z } from "zod";
import { IncidentFile } from "../../src/config/incident-file.ts";
import { Organisation } from "../../src/config/organisation.ts";
import { openLog } from "../../src/core/log.ts";
import { actorWithAllScopes } from "../../src/core/scope.ts";
import { Secret } from "../../src/core/secret.ts";
import { dataFolder } from "../../src/db/folder.ts";
import { openContext } from "../../src/db/open-context.ts";
import { addEvidence } from "../../src/evidence/add-evidence.ts";
import { removeLeftovers } from "../../src/evidence/private-folder.ts";
import { refreshRegistry } from "../../src/registry/refresh-registry.ts";
import { scopeEvidence } from "../../src/scope/scope-evidence.ts";

const [folder = "", databaseUrl = ""] = process.argv.slice(2);
await using ctx = await openContext({
  organisation: Organisation.parse({
    organisation: {
      name: "Example Cloud",
      domain: "example.cloud",
      contact: "privacy@example.cloud",
    },
    registry: {
      customers: {
        from: { csv: "customers.csv" },
        key: "id",
        identifiers: { email: "email", username: "username" },
      },
    },
  }),
  folder: dataFolder(folder),
  actor: actorWithAllScopes("test", "cli"),
  log: openLog("silent"),
  stores: { databaseUrl: new Secret(databaseUrl) },
  who: "test",
});
await removeLeftovers(ctx.folder);
await refreshRegistry(ctx, {});
process.stdout.write("ready\n");
const file = IncidentFile.parse({
  incident: "inc",
  title: "t",
  lead: "l",
  evidence: { dump: { file: "d", kind: "records" } },
});
await addEvidence(ctx, {
  incident: "inc",
  key: "dump",
  path: join(folder, "dump.csv"),
  kind: "records",
});
await scopeEvidence(ctx, { incident: "inc", key: "dump", file });
const click = await ctx.click();
const [row] = await click.query(
  z.object({ digest: z.string(), left: z.number() }),
  `select concat(toString(count()), ' ', toString(sum(sipHash64(registry, account, subject, category, locator, matched_by, mark)))) as digest,
     (select count() from system.tables where database = currentDatabase() and name like 'scoping_%') as left from exposures`,
);
process.stdout.write(`${row?.digest} left ${row?.left}\n`);
