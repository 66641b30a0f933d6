import { readdirSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import assert from "node:assert/strict";
import { claimsOf, readLines } from "../../test/support/read-lines.ts";
import { sharedData } from "../../test/support/shared-data.ts";
import { FORMATS } from "./formats.ts";
import { cloudtrail } from "./service-formats/cloudtrail.ts";

const folder = sharedData("cloudtrail");
const skip = folder === undefined ? "the shared data is not here" : false;

type Identity = Readonly<Record<"type" | "userName" | "arn" | "invokedBy", string | undefined>>;
type Recorded = Readonly<
  Record<"eventName" | "eventSource" | "eventID" | "awsRegion" | "@timestamp", string>
> & {
  readonly eventTime?: string;
  readonly sourceIPAddress: string;
  readonly errorCode?: string;
  readonly responseElements?: { readonly ConsoleLogin?: string } | null;
  readonly additionalEventData?: { readonly MFAUsed?: string };
  readonly requestParameters?: { readonly bucketName?: string; readonly key?: string } | null;
  readonly userIdentity: Identity;
};

test(
  "every event of the recordings is CloudTrail's, and says who did what from where",
  { skip },
  async (t) => {
    const events = [...recordings()].flatMap(([, all]) => all);
    const lines = events.map((event) => JSON.stringify(event));
    for (const claims of await claimsOf(FORMATS, lines)) assert.equal(claims[0], "cloudtrail");
    const rows = await readLines({ format: cloudtrail, lines });
    for (const [index, row] of rows.entries()) {
      const event = events[index];
      assert.ok(event);
      assert.equal(row.broken, "");
      assert.ok(row.time_known);
      assert.equal(Date.parse(row.time), Date.parse(event.eventTime ?? event["@timestamp"]));
      assert.equal(row.api_operation, event.eventName);
      assert.equal(row.api_service_name, event.eventSource);
      assert.equal(row.cloud_region, event.awsRegion);
      assert.equal(row.metadata_uid, event.eventID);
      // Their anonymiser pads with zeros.
      const from = event.sourceIPAddress.replaceAll(/(?<=^|[.])0+(?=\d)/g, "");
      assert.deepEqual(
        [row.src_endpoint_ip, row.src_endpoint_hostname],
        isIP(from) ? [from, ""] : ["", from],
      );
      assert.equal(row.actor_user_name, actor(event.userIdentity));
      const failed =
        event.errorCode !== undefined || event.responseElements?.ConsoleLogin === "Failure";
      assert.equal(row.status_id, failed ? 2 : 1);
    }
    t.diagnostic(`${rows.length} events`);
    assert.equal(rows.length, 266);
  },
);

function actor(identity: Identity): string {
  const { type, userName, arn, invokedBy } = identity;
  if (type === "Root") return "root";
  if (type === "AWSService") return invokedBy ?? "";
  return type === "AssumedRole" ? (arn?.split("assumed-role/")[1] ?? "") : (userName ?? "");
}

test("a recorded console sign-in is a sign-in, with its second factor", { skip }, async () => {
  const events = recordings().get("aws.initial-access.console-login-without-mfa.json") ?? [];
  const rows = await readLines({ format: cloudtrail, lines: events.map((e) => JSON.stringify(e)) });
  assert.deepEqual(
    rows.map((row) => [row.class_uid, row.activity_id, row.status_id, row.is_mfa, row.user_name]),
    events.map((event) => [
      3002,
      1,
      event.responseElements?.ConsoleLogin === "Success" ? 1 : 2,
      event.additionalEventData?.MFAUsed === "Yes",
      event.userIdentity.userName,
    ]),
  );
  assert.equal(rows.length, 1);
});

test("the exfiltration's reads name the objects that were read", { skip }, async () => {
  const events = [...recordings()].flatMap(([, all]) => all);
  const reads = events.filter(({ eventName }) => eventName === "GetObject");
  const rows = await readLines({ format: cloudtrail, lines: reads.map((e) => JSON.stringify(e)) });
  assert.deepEqual(
    rows.map((row) => [row.resource_uid, row.class_uid, row.activity_id]),
    reads.map(({ requestParameters }) => [
      `${requestParameters?.bucketName}/${requestParameters?.key}`,
      6003,
      2,
    ]),
  );
  assert.ok(rows.length > 0);
});

/** File → its events, which stand one a line or in one array. */
function recordings(): Map<string, Recorded[]> {
  const found = new Map<string, Recorded[]>();
  for (const part of ["stratus", "otrf"])
    for (const file of readdirSync(join(folder ?? "", part)).filter((name) =>
      name.endsWith(".json"),
    )) {
      const text = readFileSync(join(folder ?? "", part, file), "utf8").trim();
      const events = text.startsWith("[")
        ? JSON.parse(text)
        : text.split("\n").map((l) => JSON.parse(l));
      found.set(file, events);
    }
  return found;
}
