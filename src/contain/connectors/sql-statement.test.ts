import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as check, property, string } from "fast-check";
import { mysqlText, parseStatement, postgresText } from "./sql-statement.ts";

const pg = (sql: string): string => postgresText(parseStatement(sql, "postgres"));
const my = (sql: string, count = 2): string => mysqlText(parseStatement(sql, "mysql"), count, "?");

test("each :targets becomes the one bound array in postgres", () => {
  assert.equal(
    pg("update a set b = 1 where id = any(:targets) and x <> all(:targets)"),
    "update a set b = 1 where id = any($1) and x <> all($1)",
  );
});

test("in (:targets) takes an array in postgres, and = any(:targets) takes a list in mysql", () => {
  assert.equal(
    pg("select id from a where id in ( :targets )"),
    "select id from a where id = any ($1 )",
  );
  assert.equal(
    pg("select id from a where id not in (:targets)"),
    "select id from a where id <> all ($1)",
  );
  assert.equal(
    my("select id from a where id in (:targets)", 3),
    "select id from a where id in (?, ?, ?)",
  );
  assert.equal(
    my("select id from a where id = any(:targets)"),
    "select id from a where id in (?, ?)",
  );
});

test(":targets in strings, quoted names and comments is text and stays", () => {
  const opaque = [
    "':targets'",
    "'it''s :targets'",
    "E'\\':targets'",
    '":targets"',
    "$$ :targets $$",
    "$tag$ $$ :targets $tag$",
    "-- :targets\n",
    "/* :targets /* nested :targets */ :targets */",
    "x::targets",
    ":targets_old",
  ];
  for (const text of opaque) {
    assert.equal(
      pg(`select ${text} where id = any(:targets)`),
      `select ${text} where id = any($1)`,
    );
    assert.throws(() => pg(`select ${text} `), { code: "invalid" }, text);
  }
  for (const text of [
    "'\\':targets'",
    '"a\\":targets"',
    "`:targets`",
    "# :targets\n",
    "-- :targets\n",
    "/* :targets */",
  ]) {
    assert.equal(my(`select ${text} , id in (:targets)`, 1), `select ${text} , id in (?)`);
  }
});

test("a backslash at the end of a plain postgres string does not swallow what follows", () => {
  assert.equal(
    pg("update a set p = '\\' where id = any(:targets)"),
    "update a set p = '\\' where id = any($1)",
  );
});

test("a second statement, a placeholder of its own and an open quote are refused", () => {
  for (const sql of [
    "update a set b = 1 where id = any(:targets); drop table a",
    "update a set b = $1 where id = any(:targets)",
    "update a set b = 'open where id = any(:targets)",
    "/* open where id = any(:targets)",
    "$x$ open where id = any(:targets)",
  ]) {
    assert.throws(() => pg(sql), { code: "invalid" }, sql);
  }
  assert.throws(() => my("update a set b = ? where id in (:targets)"), { code: "invalid" });
  assert.equal(pg("delete from a where id = any(:targets); -- done\n").includes("$1"), true);
});

test("whatever is quoted before it, the placeholder is found exactly once", () => {
  check(
    property(string(), (noise) => {
      const literal = `'${noise.replaceAll("'", "''")}'`;
      assert.equal(
        parseStatement(`select ${literal} where id = any(:targets)`, "postgres").parts.length,
        2,
      );
    }),
  );
});
