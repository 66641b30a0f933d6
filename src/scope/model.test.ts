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

function given(value: string): boolean {
  return !["", "NULL", "null", "\\N", "(null)", "<null>"].includes(value);
}

function trim(value: string): string {
  return value.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
}

type Account = (typeof ACCOUNTS)[number];
type Read = {
  readonly id: string;
  readonly email: string;
  readonly username: string;
  readonly note: string;
  readonly address: string;
};

function read(raw: Row): Read {
  const email = trim(raw.email);
  return {
    id: trim(raw.id),
    email,
    username: trim(raw.username),
    note: trim(raw.note),
    address: given(email) ? (emailKey(email) ?? "") : "",
  };
}

// Whom each kind of identifier points to; kinds that point to nobody are left out.
function pointed({ id, username, address }: Read): { kind: string; accounts: Account[] }[] {
  const name = given(username) ? usernameKey(username) : undefined;
  return [
    {
      kind: "email",
      accounts: ACCOUNTS.filter((one) => address !== "" && emailKey(one.email) === address),
    },
    { kind: "key", accounts: ACCOUNTS.filter((one) => given(id) && one.account === id) },
    {
      kind: "username",
      accounts: ACCOUNTS.filter((one) => name !== undefined && usernameKey(one.username) === name),
    },
  ].filter((one) => one.accounts.length > 0);
}

function exposedOf({ id, email, username, note, address }: Read): string[] {
  const told = [
    ...(given(username) ? ["user.account.username"] : []),
    ...(given(email) ? ["user.contact.email"] : []),
    ...(given(note) ? ["user.content.support"] : []),
  ];
  return told.length === 0 && (address !== "" || given(id)) ? ["user.unique_id"] : told;
}

// The rules of match.sql.ts once more, one row at a time.
function expected(raw: Row, row: number): string[] {
  const values = read(raw);
  const known = pointed(values);
  const subject = (one: Account): string | undefined => emailKey(one.email);
  const everywhere = (holds: (one: Account) => boolean): boolean =>
    known.every(({ accounts }) => accounts.some(holds));
  const found = ACCOUNTS.filter((one) => known.some(({ accounts }) => accounts.includes(one)));
  const agreed = [...new Set(found.map(subject))].filter((one) =>
    everywhere((account) => subject(account) === one),
  );
  const certain = agreed.length === 1;
  const mine = certain ? found.filter((one) => subject(one) === agreed[0]) : found;
  const all = mine.filter((one) => everywhere((account) => account === one));
  const people = (certain && all.length > 0 ? all : mine).map((one) => one.account);
  const by = known.map(({ kind }) => kind).join(" + ");
  const words =
    known.length === 0 ? "confirmed|" : wordsOf({ by, certain, address: values.address });
  const nobody = known.length === 0 && values.address !== "" ? [""] : [];
  const own = [...people, ...nobody].flatMap((account) =>
    exposedOf(values).map(
      (category) => `${account} ${category} ${words.replace("|", ` row ${row} by `)}`,
    ),
  );
  return [...own, ...mentioned(values, row)];
}

// An address that stands elsewhere than in the column of addresses is its owner's, whoever the row is about.
function mentioned({ username, address }: Read, row: number): string[] {
  const key = given(username) ? emailKey(username) : undefined;
  if (key === undefined || key === address) return [];
  return ACCOUNTS.filter((one) => emailKey(one.email) === key).map(
    ({ account }) => `${account} user.contact.email confirmed row ${row} by email`,
  );
}

function wordsOf({
  by,
  certain,
  address,
}: {
  by: string;
  certain: boolean;
  address: string;
}): string {
  if (!certain) return `possible|ambiguous: ${by}`;
  return by === "username" && address !== "" ? `likely|${by}, other address` : `confirmed|${by}`;
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
