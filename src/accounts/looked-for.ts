// What is looked for, as a table: each way in which a log may name it → the account or resource that it is. In memory, and only while it is used.
import { randomBytes } from "node:crypto";
import { z } from "zod";
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

/** What the first two letters of a key say: which cells of an event it is compared with, and in which form. */
export const FORMS = {
  /** A name, in the form of `nameKey`. */
  name: "n:",
  /** An id that stands where names stand, as it is. */
  idAsName: "x:",
  /** An id, as it is. */
  id: "i:",
  /** A name that stands where ids stand, in the form of `nameKey`. */
  nameAsId: "u:",
  /** A resource, in lower case. */
  resource: "r:",
} as const;

/** A slice of a list in one statement. */
const SLICE = 20_000;
const STALE_MINUTES = 60;

/** Accounts that a select of (registry, account) names. */
export async function lookForMembers(click: Click, members: string): Promise<Looked> {
  return await withTables(click, async (names) => {
    await click.command(
      `create table ${names.members} engine = Memory as select distinct registry, account from ${members} where account != ''`,
    );
    await fillFromRegistry(click, names);
    const [row] = await click.query(Count, `select count() as n from ${names.members}`);
    return { things: row?.n ?? 0, ambiguous: 0, plain: 0 };
  });
}

/** Accounts by any identifiers, REGISTRY/ACCOUNT among them; what the registry does not know, as it is. */
export async function lookForNames(click: Click, texts: readonly string[]): Promise<Looked> {
  return await withTables(click, async (names) => {
    const { asked, members, table } = names;
    await click.command(
      `create table ${asked} (text String, email String, username String, phone String, registry String, account String, name String) engine = Memory`,
    );
    for (let at = 0; at < texts.length; at += SLICE)
      await click.command(
        `insert into ${asked} select one.1, one.2, one.3, one.4, one.5, one.6, one.7 from (select arrayJoin(arrayZip(
          {text:Array(String)}, {email:Array(String)}, {username:Array(String)}, {phone:Array(String)}, {registry:Array(String)}, {account:Array(String)}, {name:Array(String)})) as one)`,
        columnsOf(texts.slice(at, at + SLICE)),
      );
    // Whose each text is: by its own name first.
    await click.command(
      `create table ${members} engine = Memory as
       select registry, account, text from ${asked} where (registry, account) in (select registry, account from current_accounts)
       union distinct
       select i.registry as registry, i.account as account, a.text as text
       from current_identifiers as i join (
         select text, arrayJoin([('email', email), ('username', username), ('phone', phone), ('key', text)]) as pair from ${asked}
         where (registry, account) not in (select registry, account from current_accounts)) as a on i.value = a.pair.2 and i.kind = a.pair.1
       where (i.kind, i.value) in (select arrayJoin([('email', email), ('username', username), ('phone', phone), ('key', text)]) from ${asked}) and i.value != ''`,
    );
    await fillFromRegistry(click, names, plainSql(asked, members));
    const [row] = await click.query(
      Resolved,
      `select (select count() from ${asked} where text not in (select text from ${members})) as plain,
         (select uniqExact(registry, account) from ${members}) + plain as things,
         (select count() from (select text from ${members} group by text having count() > 1)) as ambiguous, (select count() from ${table}) as keys`,
    );
    return row ?? NOTHING;
  });
}

/** Servers, buckets, documents: by what a log may call them. */
export async function lookForResources(click: Click, texts: readonly string[]): Promise<Looked> {
  return await withTables(click, async ({ table }) => {
    const all = [...new Set(texts)];
    const byKey = Map.groupBy(all, (text) => FORMS.resource + text.toLowerCase());
    const entries = [...byKey];
    for (let at = 0; at < entries.length; at += SLICE) {
      const slice = entries.slice(at, at + SLICE);
      await click.command(
        `insert into ${table} select one.1, splitByChar('\\n', one.2) from (select arrayJoin(arrayZip({key:Array(String)}, {things:Array(String)})) as one)`,
        { key: slice.map(([key]) => key), things: slice.map(([, things]) => things.join("\n")) },
      );
    }
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

/** SQL of (key, thing): what the registry knows nobody by. */
function plainSql(asked: string, members: string): string {
  const keys = [
    `concat('${FORMS.name}', name)`,
    `concat('${FORMS.nameAsId}', name)`,
    `concat('${FORMS.id}', text)`,
    `concat('${FORMS.idAsName}', text)`,
  ];
  return `select arrayJoin([${keys.join(", ")}]) as key, text as thing from ${asked} where text not in (select text from ${members})`;
}

/** A number may be one account's id and another's user name: then it is the id in a column of ids, and the name in a column of names. */
async function fillFromRegistry(
  click: Click,
  { table, members, known }: Names,
  also?: string,
): Promise<void> {
  await click.command(
    `create table ${known} engine = Memory as
     select kind, value, if(kind = 'username', ${nameKeySql("value")}, value) as form, registry, account, concat(registry, '/', account) as thing
     from current_identifiers where (registry, account) in (select registry, account from ${members}) and kind in ('key', 'username', 'email', 'phone')`,
  );
  const others = (kind: "key" | "username", form: string, of: string): string =>
    `(select value, thing from current_identifiers as t
      join (select distinct ${form} as form, thing from ${known} where ${of}) as k on t.value = k.form
      where t.kind = '${kind}' and t.value in (select ${form} from ${known} where ${of}) and concat(t.registry, '/', t.account) != k.thing)`;
  const [isId, isName] = ["kind = 'key'", "kind != 'key'"];
  await click.command(
    `insert into ${table} select key, groupUniqArray(thing) as things from (
       select concat('${FORMS.name}', form) as key, thing from ${known} where ${isName}
       union all select concat('${FORMS.id}', value), thing from ${known} where ${isId}
       union all select concat('${FORMS.idAsName}', value), thing from ${known}
         where ${isId} and (${nameKeySql("value")}, thing) not in ${others("username", nameKeySql("value"), isId)}
       union all select concat('${FORMS.nameAsId}', form), thing from ${known} where ${isName} and (form, thing) not in ${others("key", "form", isName)}
       ${also === undefined ? "" : `union all ${also}`})
     where length(key) > 2 group by key`,
  );
}

type Names = Readonly<Record<"table" | "members" | "asked" | "known", string>>;

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
    known: `looked_for_${id}_known`,
  };
  const drop = async (of: readonly string[]): Promise<void> => {
    for (const name of of) await click.command(`drop table if exists ${name}`);
  };
  try {
    await click.command(
      `create table ${names.table} (key String, things Array(String)) engine = Join(any, left, key) settings persistent = 0`,
    );
    const figures = await fill(names);
    await drop([names.members, names.asked, names.known]);
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
