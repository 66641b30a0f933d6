import assert from "node:assert/strict";
import { test } from "node:test";
import { TocsinError } from "../core/errors.ts";
import { postgresOptions } from "./postgres-address.ts";

test("an address with a socket folder is read as libpq reads it", () => {
  for (const address of [
    "postgres://me@/db?host=/run/pg",
    "postgresql:///db?host=%2Frun%2Fpg&user=me",
    "postgres://me@%2Frun%2Fpg/db",
  ]) {
    const { path, user, database } = postgresOptions(address);
    assert.deepEqual(
      { path, user, database },
      { path: "/run/pg/.s.PGSQL.5432", user: "me", database: "db" },
    );
  }
});

test("host, port, escaped password and sslmode are read", () => {
  const { host, port, password, ssl } = postgresOptions(
    "postgres://u:p%40ss%2F@db.example:6543/x?sslmode=require",
  );
  assert.deepEqual(
    { host, port, password, ssl },
    { host: "db.example", port: 6543, password: "p@ss/", ssl: "require" },
  );
});

test("an address that is none is refused without repeating it", () => {
  assert.throws(
    () => postgresOptions("mysql://u:hunter2@h/x"),
    (error) =>
      error instanceof TocsinError &&
      error.code === "invalid" &&
      !error.message.includes("hunter2"),
  );
});
