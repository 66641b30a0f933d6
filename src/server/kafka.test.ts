import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { serve } from "@hono/node-server";
import type { Server } from "node:http";
import { z } from "zod";
import { testClick } from "../../test/support/context.ts";
import { doorsScene, TOKENS } from "../../test/support/log-doors.ts";
import { kafkaStatements, TOKEN_PLACE } from "../logs/ingest/kafka-statements.ts";

test("what ClickHouse reads from Kafka goes through the log's door: its own statements, a table in the topic's place", async () => {
  await using scene = await doorsScene();
  const server = serve({ fetch: scene.app.fetch, hostname: "127.0.0.1", port: 0 }) as Server;
  await using closing = new AsyncDisposableStack();
  closing.defer(() => void server.close());
  if (!server.listening) await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const [topic = "", door = "", reader = ""] = kafkaStatements({
    stream: "app",
    brokers: "127.0.0.1:1",
    topic: "logs",
    group: "tocsin",
    door: `http://127.0.0.1:${port}/api/logs/app`,
  });
  const click = await scene.ctx.click();
  await click.command(topic);
  await click.command("drop table tocsin_app_topic");
  await click.command(
    `create table tocsin_app_topic (line String) engine = MergeTree order by tuple()`,
  );
  await click.command(door.replace(TOKEN_PLACE, TOKENS.app));
  await click.command(reader);
  const [here] = await click.query(z.object({ db: z.string() }), "select currentDatabase() as db");
  // From a connection of its own, as ClickHouse's reader of Kafka is: the door writes while it waits for the answer.
  const aside = await testClick();
  await aside.command(
    `insert into ${here?.db}.tocsin_app_topic values ('{"n":1}'), ('{\\n"n":2}'), ('')`,
  );
  assert.deepEqual(
    (await scene.events()).map(({ raw }) => raw),
    ['{"n":1}', '{ "n":2}'],
  );
});
