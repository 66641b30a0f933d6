import { test } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { exposuresOf, fileOf, scopedAs, withCustomers } from "../../test/support/dumps.ts";

const HASH = "5f4dcc3b5aa765d61d8327deb882cf99";

const FORMATS = {
  tabs: `username\temail\tpassword\nann\tann@example.org\t${HASH}\nbob\tbob@example.org\t\n`,
  pipes: `username|email|password\r\nann|ann@example.org|${HASH}\r\nbob|bob@example.org|\r\n`,
  "no-header": `ann,ann@example.org,${HASH}\nbob,bob@example.org,\n`,
  quoted: `"username","email","password"\n"ann" , ann@example.org,"${HASH}"\n"bob",bob@example.org,""`,
  utf16: Buffer.from(
    `\ufeffusername,email,password\nann,ann@example.org,${HASH}\nbob,bob@example.org,\n`,
    "utf16le",
  ),
  bom: `\ufeffusername,email,password\nann,ann@example.org,${HASH}\nbob,bob@example.org,\n`,
  ndjson: `{"username":"ann","email":"ann@example.org","secret":{"password":"${HASH}"}}\n\n{"email":"bob@example.org","username":"bob","secret":null}\n`,
  pgcopy: `--\n-- PostgreSQL database dump\n--\nSET client_encoding = 'UTF8';\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS $_$ select 1; $_$;\nCREATE TABLE public.accounts (\n id integer NOT NULL,\n username text DEFAULT 'a,b'::text\n);\nCOPY public.accounts (username, email, password) FROM stdin;\nann\tann@example.org\t${HASH}\nbob\tbob@example.org\t\\N\n\\.\n\nCREATE INDEX a ON b (c);\n`,
  pginsert: `-- PostgreSQL database dump\nINSERT INTO public.accounts VALUES ('ann', 'ann@example.org', '${HASH}');\nINSERT INTO public.accounts VALUES ('bob', E'bob@example.org', NULL);\n`,
  mysql:
    "-- MySQL dump 10.13\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `accounts`;\nCREATE TABLE `accounts` (\n  `username` varchar(50) DEFAULT 'x),(',\n  `email` varchar(100), `password` decimal(10,2),\n  PRIMARY KEY (`username`), KEY `e` (`email`)\n) ENGINE=InnoDB;\nLOCK TABLES `accounts` WRITE;\nINSERT INTO `accounts` VALUES ('ann','ann@example.org','" +
    HASH +
    "'),('bob','bob\\@example.org',NULL);\nUNLOCK TABLES;\n",
  sqlite: `PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE accounts(username TEXT, email TEXT, password TEXT);\nINSERT INTO accounts VALUES('ann','ann@example.org','${HASH}');\nINSERT INTO "accounts" VALUES('bob','bob@example.org',NULL);\nCOMMIT;\n`,
} as const;

const EXPOSED = [
  "1 user.account.username row 1",
  "1 user.authorization.password row 1 MD5 or NTLM weak",
  "1 user.contact.email row 1",
  "2 user.account.username row 2",
  "2 user.contact.email row 2",
];

test("every kind of dump gives the same exposures", async (t) => {
  await using context = await withCustomers();
  for (const [name, dump] of Object.entries(FORMATS)) {
    await t.test(name, async () => {
      const incident = `format-${name}`;
      const found = await scopedAs(context, { key: "dump", dump, file: { ...fileOf(), incident } });
      assert.deepEqual([found.rows, found.matched, found.setAside.length], [2, 2, 0]);
      const lines = (await exposuresOf(context, incident)).map((line) =>
        line.replace(/ confirmed| by email( \+ username)?/g, ""),
      );
      // Without names, a user name is a word like any other.
      const nameless = name === "no-header" || name === "pginsert";
      assert.deepEqual(
        lines,
        nameless ? EXPOSED.filter((line) => !line.includes("username")) : EXPOSED,
      );
    });
  }
});

test("a Parquet dump is read by its own description", async () => {
  await using t = await withCustomers();
  const path = join(t.dir, "dump.parquet");
  const click = await t.ctx.click();
  const rows =
    "select 'ann' as username, 'ann@example.org' as email, 7 as id2 union all select 'b\\0b', 'bob@example.org', 8";
  await click.unload({
    select: `select username, email, id2 from (${rows}) order by id2`,
    path,
    format: "Parquet",
  });
  const found = await scopedAs(t, { key: "dump", dump: await readFile(path), file: fileOf() });
  assert.deepEqual([found.format, found.rows, found.matched], ["Parquet", 2, 1]);
  assert.deepEqual(found.setAside, [{ reason: "not UTF-8", count: 1, rows: [2] }]);
  const cut = (await readFile(path)).subarray(0, 200);
  await assert.rejects(
    scopedAs(t, {
      key: "cut",
      dump: cut,
      file: fileOf({}, { evidence: { cut: { file: "c", kind: "records" } } }),
    }),
    {
      code: "invalid",
      message: /no whole Parquet file/,
    },
  );
});

test("tables of a SQL dump keep their own columns, and broken rows are counted through all of them", async () => {
  await using t = await withCustomers();
  const dump =
    "CREATE TABLE `users` (`id` int, `email` text);\nINSERT INTO users VALUES (1,'ann@example.org'),(2);\nINSERT INTO `keys` (`user_id`,`github_token`) VALUES (1,'ghp_x'),(2,'a\\'b;--'),(2,'caf\\\\é');\n-- MySQL\n";
  const found = await scopedAs(t, { key: "dump", dump, file: fileOf() });
  assert.deepEqual(
    found.columns.map(({ column, category }) => `${column} ${category}`),
    [
      "users.id user.unique_id",
      "users.email user.contact.email",
      "keys.user_id user.unique_id",
      "keys.github_token token.github",
    ],
  );
  assert.deepEqual(found.setAside, [{ reason: "too few fields", count: 1, rows: [2] }]);
  assert.deepEqual(
    (await exposuresOf(t)).map((line) => line.replace(" confirmed", "")),
    [
      "1 user.contact.email row 1 by email + key",
      "1 token.github row 3 by key malformed",
      "2 token.github row 4 by key malformed",
      "2 token.github row 5 by key malformed",
    ],
  );
});

test("lines of NDJSON that are no objects are set aside, and long ids keep every digit", async () => {
  await using t = await withCustomers(
    "id,email,username,phone\n9007199254740993,ann@example.org,ann,\n",
  );
  const dump =
    '{"id":9007199254740993,"score":1.5}\n[1]\n{"id":\n"x"\n{"id":9007199254740992,"a":{"b":{"c":[1,{"d":2}]}}}\n';
  const found = await scopedAs(t, { key: "dump", dump, file: fileOf() });
  assert.deepEqual([found.rows, found.matched, found.unmatched], [5, 1, 1]);
  assert.deepEqual(found.setAside, [{ reason: "not a JSON object", count: 3, rows: [2, 3, 4] }]);
  assert.deepEqual(
    found.columns.map(({ column }) => column),
    ["id", "score", "a.b.c"],
  );
});
