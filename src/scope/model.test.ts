import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { emailKey } from "../registry/email-key.ts";
import { usernameKey } from "../registry/username-key.ts";
import { exposuresOf, fileOf, scopedAs, withCustomers } from "../../test/support/dumps.ts";

// Seven accounts of five people: two of one person, two whose user names are one address apart.
const ACCOUNTS = [
  { account: "1", email: "ann@example.org", username: "ann" },
  { account: "2", email: "ann@example.org", username: "ann2" },
  { account: "3", email: "bob@example.org", username: "bob" },
  { account: "4", email: "Carol.X@gmail.com", username: "carol" },
  { account: "5", email: "dave@example.org", username: "müller" },
  { account: "6", email: "eve@example.org", username: "bob@example.org" },
  { account: "7", email: "ann@example.org", username: "7" },
];
const CSV = `id,email,username,phone\n${ACCOUNTS.map((one) => `${one.account},${one.email},${one.username},`).join("\n")}\n`;

type Row = {
  readonly id: string;
  readonly email: string;
  readonly username: string;
  readonly note: string;
};

const word = fc.constantFrom("", "NULL", " ", "x", "nobody");
const Row = fc.record({
  id: fc.oneof(word, fc.constantFrom(...ACCOUNTS.map((one) => one.account), "99")),
  email: fc.oneof(
    word,
    fc.constantFrom(
      ...ACCOUNTS.map((one) => one.email),
      "ANN@example.org",
      "carolx@googlemail.com",
      "new@example.net",
      "no address",
    ),
  ),
  username: fc.oneof(
    word,
    fc.constantFrom(...ACCOUNTS.map((one) => one.username), "BOB", "Müller "),
  ),
  note: fc.oneof(
    word,
    fc
      .string({ unit: "grapheme", maxLength: 12 })
      .filter((text) => !text.includes("\0") && text.isWellFormed()),
  ),
});

function isEmpty(value: string): boolean {
  return ["", "NULL", "null", "\\N", "(null)", "<null>"].includes(value);
}

function trim(value: string): string {
  return value.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
}

// The rules of match.sql.ts once more, one row at a time.
function expected(raw: Row, row: number): string[] {
  const [id, email, username, note] = [raw.id, raw.email, raw.username, raw.note].map(trim) as [
    string,
    string,
    string,
    string,
  ];
  const address = isEmpty(email) ? "" : (emailKey(email) ?? "");
  const name = isEmpty(username) ? "" : (usernameKey(username) ?? "");
  const kinds: Record<string, (typeof ACCOUNTS)[number][]> = {
    email: ACCOUNTS.filter((one) => address !== "" && emailKey(one.email) === address),
    key: ACCOUNTS.filter((one) => !isEmpty(id) && one.account === id),
    username: ACCOUNTS.filter((one) => name !== "" && usernameKey(one.username) === name),
  };
  const known = Object.entries(kinds).filter(([, accounts]) => accounts.length > 0);
  const by = known.map(([kind]) => kind).join(" + ");
  const subjects = new Set(
    known.flatMap(([, accounts]) => accounts.map((one) => emailKey(one.email))),
  );
  const agreed = [...subjects].filter((subject) =>
    known.every(([, accounts]) => accounts.some((one) => emailKey(one.email) === subject)),
  );
  const certain = agreed.length === 1;
  const mine = ACCOUNTS.filter(
    (one) =>
      known.some(([, accounts]) => accounts.includes(one)) &&
      (!certain || emailKey(one.email) === agreed[0]),
  );
  const all = mine.filter((one) => known.every(([, accounts]) => accounts.includes(one)));
  const people =
    known.length === 0
      ? address === ""
        ? []
        : [""]
      : (certain && all.length > 0 ? all : mine).map((one) => one.account);
  const told = [
    ...(isEmpty(username) ? [] : ["user.account.username"]),
    ...(isEmpty(email) ? [] : ["user.contact.email"]),
    ...(isEmpty(note) ? [] : ["user.content.support"]),
  ];
  const pointing = address !== "" || name !== "" || !isEmpty(id);
  const categories = told.length === 0 && pointing ? ["user.unique_id"] : told;
  const doubtful = certain && address !== "" && by === "username";
  const sure = known.length > 0 && !certain ? "possible" : doubtful ? "likely" : "confirmed";
  const matched = `${known.length > 0 && !certain ? "ambiguous: " : ""}${by}${doubtful ? ", other address" : ""}`;
  return people.flatMap((account) =>
    categories.map((category) => `${account} ${category} ${sure} row ${row} by ${matched}`),
  );
}

function quoted(value: string): string {
  return /[",\n\r']|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

test("the exposures of any dump are those of a plain reading of it, row by row", async () => {
  await using t = await withCustomers(CSV);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(Row, { minLength: 1, maxLength: 25 }),
      fc.boolean(),
      async (rows, json) => {
        run += 1;
        const incident = `run-${run}`;
        const dump = json
          ? rows.map((row) => JSON.stringify(row)).join("\n")
          : [
              "id,email,username,note",
              ...rows.map((row) =>
                [row.id, row.email, row.username, row.note].map(quoted).join(","),
              ),
            ].join("\n");
        const columns = {
          note: "user.content.support",
          email: "user.contact.email",
          username: "user.account.username",
        };
        await scopedAs(t, { key: "dump", dump, file: { ...fileOf({ columns }), incident } });
        const model = rows.flatMap((row, at) => expected(row, at + 1));
        assert.deepEqual(
          (await exposuresOf(t, incident)).toSorted(compare),
          model.toSorted(compare),
        );
      },
    ),
    { numRuns: 12 },
  );
});

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
