// The checks in the mailboxes: every message that a sink took is read as its reader would, and held against what
// Example Cloud knows of that person.
import type postgres from "postgres";
import { z } from "zod";
import { check, type Check } from "./check.ts";
import type { Doors } from "./example-cloud/example-cloud.ts";
import { EXPECTED_MESSAGES } from "./expected.sql.ts";
import { readMessages, type StoredMessage } from "./example-cloud/message-store.ts";
import { CATEGORIES, PHRASES, readNamed, type Named } from "./notice-phrases.ts";
import { readNotice } from "./read-notice.ts";
import { mailboxKey } from "./example-cloud/smtp-sink.ts";

const Row = z.object({
  person: z.string(),
  wave: z.union([z.literal(1), z.literal(2)]),
  language: z.string(),
  address: z.string(),
  accounts: z.array(z.object({ username: z.string(), categories: z.array(z.enum(CATEGORIES)) })),
  fate: z.enum(["message", "correction", "do-not-contact", "dead"]),
});
type Row = z.output<typeof Row>;

type Person = {
  /** Each wave's own expectation, and how many messages came. */
  readonly waves: Map<number, { readonly expected: Row; count: number; wrong: number }>;
  readonly usernames: Set<string>;
};

export type MailFigures = {
  readonly checks: readonly Check[];
  readonly notified: {
    readonly first: number;
    readonly second: number;
    readonly corrections: number;
  };
  readonly duplicates: number;
  readonly lost: number;
  readonly wrong: number;
  /** Those whom the sinks refuse, by wave: Tocsin must count them as unreachable. */
  readonly dead: number;
  readonly doNotContact: number;
  /** Message-IDs of some that are wrong or somebody else's, to look at. */
  readonly examples: readonly string[];
  /** When the last message of each wave was taken. */
  readonly lastAt: readonly (Date | undefined)[];
};

/** @param secondWaveAt from when a message is one of the second wave */
export async function checkMessages(
  sql: postgres.Sql,
  doors: Doors,
  secondWaveAt: Date,
): Promise<MailFigures> {
  const people = await readPeople(sql);
  const strays: string[] = [];
  const wrong: string[] = [];
  const lastAt: (Date | undefined)[] = [];
  for (const { file } of doors.sinks) {
    for await (const { message, raw } of readMessages(file)) {
      if (message.to.includes(doors.desk.address)) continue;
      const at = new Date(message.at);
      const wave = at < secondWaveAt ? 1 : 2;
      if ((lastAt[wave] ?? at) <= at) lastAt[wave] = at;
      const seen = receive(people, { message, raw, wave });
      if (seen === "stray") strays.push(message.messageId);
      if (seen === "wrong") wrong.push(message.messageId);
    }
  }
  return {
    ...figuresOf(people, strays.length),
    examples: [...strays, ...wrong].slice(0, EXAMPLES),
    lastAt,
  };
}

const EXAMPLES = 10;

type People = ReadonlyMap<string, readonly Person[]>;

async function readPeople(sql: postgres.Sql): Promise<People> {
  const people = new Map<string, Map<string, Person>>();
  for await (const rows of sql.unsafe(EXPECTED_MESSAGES).cursor(5_000)) {
    for (const one of rows) {
      const row = Row.parse(one);
      const here = people.get(row.address) ?? new Map<string, Person>();
      const person = here.get(row.person) ?? { waves: new Map(), usernames: new Set() };
      person.waves.set(row.wave, { expected: row, count: 0, wrong: 0 });
      for (const { username } of row.accounts) person.usernames.add(username);
      people.set(row.address, here.set(row.person, person));
    }
  }
  return new Map([...people].map(([address, here]) => [address, [...here.values()]]));
}

type Received = { readonly message: StoredMessage; readonly raw: Buffer; readonly wave: number };

/** Whose message it is in this wave, and whether it is right. */
function receive(people: People, { message, raw, wave }: Received): "right" | "wrong" | "stray" {
  const { text, shown } = readNotice(raw);
  const here = people.get(mailboxKey(message.to[0] ?? "")) ?? [];
  const persons = here.filter(({ usernames }) => [...usernames].some((name) => names(text, name)));
  const [person] = persons;
  const due = person?.waves.get(wave);
  if (!person || persons.length > 1 || message.to.length !== 1 || !due) return "stray";
  due.count += 1;
  const { expected } = due;
  if ([text, shown].every((form) => says(form, person, expected))) return "right";
  due.wrong += 1;
  return "wrong";
}

/** Whether one form of a notice, text or HTML, says just what it must. */
function says(form: string, person: Person, expected: Row): boolean {
  const about = [...person.usernames].filter((username) => names(form, username));
  const named = readNamed(form, about);
  return named !== undefined && isRight(person, expected, named);
}

function names(text: string, username: string): boolean {
  for (let at = text.indexOf(username); at !== -1; at = text.indexOf(username, at + 1)) {
    if (!/\w/.test(text[at + username.length] ?? "") && !/\w/.test(text[at - 1] ?? "")) return true;
  }
  return false;
}

function isRight(person: Person, expected: Row, named: Named): boolean {
  if (named.kind !== expected.fate || named.language !== languageFor(expected.language))
    return false;
  return [...person.usernames].every((username) => {
    const due =
      expected.accounts.find((account) => account.username === username)?.categories ?? [];
    const said = named.accounts.get(username);
    const before =
      expected.wave === 2 && expected.fate === "message" ? categoriesBefore(person, username) : [];
    return (
      same(said?.fresh ?? [], due) &&
      (said?.told ?? []).every((category) => before.includes(category))
    );
  });
}

function categoriesBefore(person: Person, username: string): readonly string[] {
  return (
    person.waves.get(1)?.expected.accounts.find((account) => account.username === username)
      ?.categories ?? []
  );
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((category) => b.includes(category));
}

/** The first of the organisation's languages stands in for those that it does not write. */
function languageFor(language: string): string {
  const [primary = ""] = language.split("-");
  return primary in PHRASES ? primary : "en";
}

function figuresOf(people: People, strays: number): Omit<MailFigures, "examples" | "lastAt"> {
  const dues = [...people.values()].flat().flatMap((person) => [...person.waves.values()]);
  const of = (fate: Row["fate"], wave?: number) =>
    dues.filter(
      ({ expected }) => expected.fate === fate && (wave === undefined || expected.wave === wave),
    );
  const once = (list: typeof dues): number => list.filter(({ count }) => count === 1).length;
  const told = [...of("message"), ...of("correction")];
  const [first, second, corrections] = [of("message", 1), of("message", 2), of("correction")];
  const silent = of("do-not-contact");
  const wrong = told.reduce((sum, due) => sum + due.wrong, 0) + strays;
  const lost = told.filter(({ count }) => count === 0).length;
  const duplicates = told.reduce((sum, { count }) => sum + Math.max(0, count - 1), 0);
  return {
    checks: [
      check("people of the first wave with exactly one message", first.length, once(first)),
      check("people of the second wave with exactly one message", second.length, once(second)),
      check(
        "people told in error with exactly one correction",
        corrections.length,
        once(corrections),
      ),
      check(
        "messages that do not name exactly what was that person's and new",
        0,
        told.reduce((sum, due) => sum + due.wrong, 0),
      ),
      check(
        "messages to anybody else",
        0,
        strays + of("dead").reduce((sum, { count }) => sum + count, 0),
      ),
      check(
        "messages to people marked do-not-contact",
        0,
        silent.reduce((sum, { count }) => sum + count, 0),
      ),
    ],
    notified: { first: once(first), second: once(second), corrections: once(corrections) },
    duplicates,
    lost,
    wrong,
    dead: of("dead").length,
    doNotContact: new Set(silent.map(({ expected }) => expected.person)).size,
  };
}
