import { test } from "node:test";
import assert from "node:assert/strict";
import { readLines } from "../../test/support/read-lines.ts";
import { Logs } from "../config/logs-schema.ts";
import { logFormat } from "./own-format.ts";

function own(settings: Record<string, unknown>) {
  const { api } = Logs.parse({ api: settings });
  return logFormat("api", api ?? {});
}

const SETTINGS = {
  format: "json",
  time: "when",
  map: {
    "src_endpoint.ip": "client.addr",
    "actor.user.uid": "account",
    activity_name: "action",
    status_id: "ok",
    "http_response.code": "code",
    is_mfa: "mfa",
  },
  set: { class_uid: 3002, activity_id: 1, "api.service.name": "it's ours" },
  product: "shop",
  service: "sql:api",
};

test("a log of tocsin.yaml puts its own fields where they belong", async () => {
  const format = own(SETTINGS);
  assert.ok(format);
  const lines = [
    {
      when: "2026-11-25 04:05:06",
      client: { addr: "[::1]:80" },
      account: 17,
      action: "reset",
      ok: "Denied",
      code: "403",
      mfa: "yes",
    },
    {
      when: 1795579506,
      "client.addr": "192.0.2.1",
      client: { addr: "192.0.2.2" },
      account: "a'b",
      action: null,
      ok: true,
      code: 99999999,
    },
    { other: 1 },
  ];
  const rows = await readLines({
    format,
    lines: lines.map((line) => JSON.stringify(line)),
    zone: "Europe/Berlin",
  });
  assert.deepEqual(
    rows.map((row) => [
      row.time_known && row.time,
      row.src_endpoint_ip,
      row.actor_user_uid,
      row.activity_name,
      row.status_id,
      row.http_response_code,
      row.is_mfa,
    ]),
    [
      ["2026-11-25T03:05:06.000000Z", "::1", "17", "reset", 2, 403, true],
      ["2026-11-25T04:05:06.000000Z", "192.0.2.1", "a'b", "", 1, 0, null],
      [false, "", "", "", 0, 0, null],
    ],
  );
  assert.ok(
    rows.every(
      (row) =>
        row.class_uid === 3002 && row.activity_id === 1 && row.api_service_name === "it's ours",
    ),
  );
  assert.deepEqual(
    [rows[0]?.product, rows[0]?.category, rows[0]?.service],
    ["shop", "", "sql:api"],
  );
});

test("a log without a word about its fields is what its content says, or the format that it names", () => {
  assert.equal(own({ files: "x" }), undefined);
  assert.equal(own({ format: "cloudtrail" })?.name, "cloudtrail");
});

test("what is no attribute, no format or not for the log to say is refused", () => {
  assert.throws(() => own({ map: { "user.nmae": "x" } }), /no attribute user\.nmae/);
  assert.throws(() => own({ map: { time: "x" } }), /write the field of the time as time:/);
  assert.throws(() => own({ format: "nothing" }), /no format nothing/);
  assert.throws(
    () => own({ format: "cloudtrail", map: { message: "x" } }),
    /cloudtrail knows where things stand/,
  );
  assert.throws(() => own({ map: { "DROP TABLE": "x" } }));
});
