// What is looked for, as a table: each way in which a log may name it → the account or resource that it is. In memory, and only while it is used.
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import type { Click } from "../db/click.ts";
import { emailKey } from "../registry/email-key.ts";
import { phoneKey } from "../registry/phone-key.ts";
import { usernameKey } from "../registry/username-key.ts";
import { nameKey, nameKeySql } from "./identity.sql.ts";

export type Looked = AsyncDisposable & {
  /** key → things, a Join table. */
  readonly table: string;
  /** Accounts and names, or resources, that can be looked for. */
  readonly things: number;
  /** Asked for by an identifier that is of several accounts: all of those are looked for. */
  readonly ambiguous: number;
  /** Asked for by a name that the registry does not know: looked for as it is. */
  readonly plain: number;
};

/** What the first two letters of a key say. */
export const FORMS = {
  /** A name, in the form of `nameKey`. */
  name: "n:",
  /** An id, as it is. */
  id: "i:",
  /** An id that is another account's user name: where names stand it is not these things'. */
  idNotAsName: "x:",
  /** A name that is another account's id: where ids stand it is not these things'. */
  nameNotAsId: "u:",
  /** A resource, in lower case. */
  resource: "r:",
} as const;

/** A slice of a list in one statement. */
const SLICE = 20_000;
/** Accounts whose identifiers are gathered in one statement. */
const GATHERED = 50_000;
/** More do not fit into ClickHouse's memory by default, 600 MB. */
const MOST_ACCOUNTS = 250_000;
const STALE_MINUTES = 60;

/** Accounts that a select of (registry, account) names. */
export async function lookForMembers(click: Click, members: string): Promise<Looked> {
  return await withTables(click, async (names) => {
    await click.command(
      `create table ${names.members} engine = Memory as select distinct registry, account from ${members} where account != ''`,
    );
    await gatherFromRegistry(click, names);
    const [row] = await click.query(Count, `select count() as n from ${names.members}`);
    return { things: row?.n ?? 0, ambiguous: 0, plain: 0 };
  });
}

/** Accounts by any identifiers, REGISTRY/ACCOUNT among them; what the registry does not know, as it is. */
export async function lookForNames(click: Click, texts: readonly string[]): Promise<Looked> {
  return await withTables(click, async (names) => {
    const { asked, members, pairs } = names;
    await click.command(
      `create table ${asked} (text String, email String, username String, phone String, registry String, account String, name String) engine = Memory`,
    );
    for (let at = 0; at < texts.length; at += SLICE)
      await click.command(
        `insert into ${asked} select one.1, one.2, one.3, one.4, one.5, one.6, one.7 from (select arrayJoin(arrayZip(
          {text:Array(String)}, {email:Array(String)}, {username:Array(String)}, {phone:Array(String)}, {registry:Array(String)}, {account:Array(String)}, {name:Array(String)})) as one)`,
        columnsOf(texts.slice(at, at + SLICE)),
      );
    // By its own name first. What is asked is the small side: the registry is only read along.
    await click.command(
      `create table ${members} engine = Memory as select registry, account, concat(registry, '/', account) as text from current_accounts
       where (registry, account) in (select registry, account from ${asked} where registry != '')`,
    );
    await click.command(
      `create table ${pairs} engine = Memory as select distinct text, pair.1 as kind, pair.2 as value from (
         select text, arrayJoin([('email', email), ('username', username), ('phone', phone), ('key', text)]) as pair from ${asked}
         where text not in (select text from ${members})) where pair.2 != ''`,
    );
    await click.command(
      `insert into ${members} select distinct i.registry, i.account, p.text
       from (select kind, value, registry, account from current_identifiers where (kind, value) in (select kind, value from ${pairs})) as i
       join ${pairs} as p on i.value = p.value and i.kind = p.kind`,
    );
    await gatherFromRegistry(click, names);
    await gatherPlain(click, names);
    const [row] = await click.query(
      Resolved,
      `select (select count() from ${asked} where text not in (select text from ${members})) as plain,
         (select uniqExact(registry, account) from ${members}) + plain as things,
         (select count() from (select text from ${members} group by text having count() > 1)) as ambiguous`,
    );
    return row ?? NOTHING;
  });
}

/** Servers, buckets, documents: by what a log may call them. */
export async function lookForResources(click: Click, texts: readonly string[]): Promise<Looked> {
  return await withTables(click, async ({ keys }) => {
    const all = [...new Set(texts)];
    for (let at = 0; at < all.length; at += SLICE)
      await click.command(
        `insert into ${keys} select concat('${FORMS.resource}', lowerUTF8(thing)), thing from (select arrayJoin({things:Array(String)}) as thing)`,
        { things: all.slice(at, at + SLICE) },
      );
    return { things: all.length, ambiguous: 0, plain: 0 };
  });
}

const Count = z.object({ n: z.number() });
const Resolved = z.object({ things: z.number(), ambiguous: z.number(), plain: z.number() });
const NOTHING = { things: 0, ambiguous: 0, plain: 0 };

function columnsOf(texts: readonly string[]): Record<string, string[]> {
  const slashes = texts.map((text) => text.indexOf("/"));
  const part = (of: (text: string, slash: number) => string): string[] =>
    texts.map((text, at) => {
      const slash = slashes[at] ?? -1;
      return slash < 1 ? "" : of(text, slash);
    });
  return {
    text: [...texts],
    email: texts.map((text) => emailKey(text) ?? ""),
    username: texts.map((text) => usernameKey(text) ?? ""),
    phone: texts.map((text) => phoneKey(text) ?? ""),
    registry: part((text, slash) => text.slice(0, slash)),
    account: part((text, slash) => text.slice(slash + 1)),
    name: texts.map(nameKey),
  };
}

/** Of names that the registry knows nobody by. */
async function gatherPlain(click: Click, { asked, members, keys }: Names): Promise<void> {
  await click.command(
    `insert into ${keys} select arrayJoin([concat('${FORMS.name}', name), concat('${FORMS.id}', text)]) as key, text as thing
     from ${asked} where text not in (select text from ${members})`,
  );
}

/** A number may be one account's id and another's user name: then it is the id in a column of ids, and the name in a column of names. */
async function gatherFromRegistry(click: Click, names: Names): Promise<void> {
  const { members, keys, known } = names;
  const [row] = await click.query(
    Count,
    `select uniqExact(registry, account) as n from ${members}`,
  );
  const count = row?.n ?? 0;
  if (count > MOST_ACCOUNTS)
    throw new TocsinError(
      "refused",
      `${count} accounts at once are more than ${MOST_ACCOUNTS}: search for parts of them`,
    );
  const slices = Math.ceil(count / GATHERED);
  for (let slice = 0; slice < slices; slice += 1) {
    await click.command(
      `create table ${known} engine = Memory as
       select kind, value, if(kind in ('key', 'username'), ${nameKeySql("value")}, value) as form, concat(registry, '/', account) as thing
       from current_identifiers
       where (registry, account) in (select registry, account from ${members} where cityHash64(account) % ${slices} = ${slice})
         and kind in ('key', 'username', 'email', 'phone')`,
    );
    await gatherKeys(click, { keys, known });
    await click.command(`drop table ${known} sync`);
  }
}

async function gatherKeys(
  click: Click,
  { keys, known }: Pick<Names, "keys" | "known">,
): Promise<void> {
  await click.command(
    `insert into ${keys} select if(kind = 'key', concat('${FORMS.id}', value), concat('${FORMS.name}', form)) as key, thing from ${known}`,
  );
  // Of the few that are another's too: which of them.
  const shared = (kind: "key" | "username", of: string): string =>
    `(select k.value as value, k.form as form, k.thing as thing from (select form, value, thing from ${known} where ${of}) as k
      join (select value, concat(registry, '/', account) as thing from current_identifiers
        where kind = '${kind}' and value in (select form from ${known} where ${of})) as t on t.value = k.form
      where t.thing != k.thing)`;
  await click.command(
    `insert into ${keys} select concat('${FORMS.idNotAsName}', value), thing from ${shared("username", "kind = 'key'")}`,
  );
  await click.command(
    `insert into ${keys} select concat('${FORMS.nameNotAsId}', form), thing from ${shared("key", "kind != 'key'")}`,
  );
}

type Names = Readonly<Record<"table" | "members" | "asked" | "pairs" | "known" | "keys", string>>;

async function withTables(
  click: Click,
  fill: (names: Names) => Promise<Omit<Looked, "table" | typeof Symbol.asyncDispose>>,
): Promise<Looked> {
  await dropStale(click);
  const id = randomBytes(8).toString("hex");
  const names: Names = {
    table: `looked_for_${id}`,
    members: `looked_for_${id}_members`,
    asked: `looked_for_${id}_asked`,
    pairs: `looked_for_${id}_pairs`,
    known: `looked_for_${id}_known`,
    keys: `looked_for_${id}_keys`,
  };
  const drop = async (of: readonly string[]): Promise<void> => {
    for (const name of of) await click.command(`drop table if exists ${name} sync`); // else its memory stays for minutes
  };
  try {
    await click.command(
      `create table ${names.table} (key String, things Array(String)) engine = Join(any, left, key) settings persistent = 0`,
    );
    await click.command(`create table ${names.keys} (key String, thing String) engine = Memory`);
    const figures = await fill(names);
    await click.command(
      `insert into ${names.table} select key, groupUniqArray(thing) from ${names.keys} where length(key) > 2 group by key`,
    );
    await drop([names.members, names.asked, names.pairs, names.keys]);
    return {
      table: names.table,
      things: figures.things,
      ambiguous: figures.ambiguous,
      plain: figures.plain,
      [Symbol.asyncDispose]: async () => await drop([names.table]),
    };
  } catch (error) {
    await drop(Object.values(names));
    throw error;
  }
}

/** What a process that was killed left: the tables' names, for they hold nothing then. */
async function dropStale(click: Click): Promise<void> {
  const stale = await click.query(
    z.object({ name: z.string() }),
    `select name from system.tables where database = currentDatabase() and startsWith(name, 'looked_for_')
       and metadata_modification_time < now() - interval ${STALE_MINUTES} minute limit 1000`,
  );
  for (const { name } of stale) await click.command(`drop table if exists ${name}`);
}
