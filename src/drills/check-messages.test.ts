import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type postgres from "postgres";
import { exampleCompany } from "../../test/support/example-company.ts";
import { checkMessages } from "./check-messages.ts";
import type { Doors } from "./example-cloud/example-cloud.ts";
import { EXPECTED_MESSAGES } from "./expected.sql.ts";
import { openMessageStore } from "./example-cloud/message-store.ts";
import { PHRASES } from "./notice-phrases.ts";

const SECOND = new Date("2026-01-02T00:00:00Z");

type Account = { username: string; categories: string[] };
type Due = {
  person: string;
  wave: number;
  language: string;
  address: string;
  accounts: Account[];
  fate: string;
};
type Mail = { to: string; at: string; text: string; html?: string };

const WORDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  en: {
    username: "your user name",
    email: "your e-mail address",
    password: "your password",
    github: "the GitHub token",
    bitbucket: "the Bitbucket token",
  },
  de: {
    username: "Ihr Benutzername",
    email: "Ihre E-Mail-Adresse",
    password: "Ihr Passwort",
    github: "das GitHub-Token",
    bitbucket: "das Bitbucket-Token",
  },
  fr: {
    username: "votre nom d’utilisateur",
    email: "votre adresse e-mail",
    password: "votre mot de passe",
    github: "le jeton GitHub",
    bitbucket: "le jeton Bitbucket",
  },
  es: {
    username: "su nombre de usuario",
    email: "su correo electrónico",
    password: "su contraseña",
    github: "el token de GitHub",
    bitbucket: "el token de Bitbucket",
  },
  ja: {
    username: "ユーザー名",
    email: "メールアドレス",
    password: "パスワード",
    github: "GitHub のトークン",
    bitbucket: "Bitbucket のトークン",
  },
};

/** As the drill's own templates come out, without Tocsin. */
function mailOf(due: Due): Mail {
  const language = due.language.slice(0, 2) in WORDS ? due.language.slice(0, 2) : "en";
  const phrases = PHRASES[language];
  const [from, to] =
    due.fate === "correction"
      ? [phrases?.correctionFrom, phrases?.correctionTo]
      : [phrases?.from, phrases?.to];
  const items = due.accounts.map(
    ({ username, categories }) =>
      `- ${username}: ${categories.map((one) => WORDS[language]?.[one]).join(", ")}.`,
  );
  const at = due.wave === 1 ? "2026-01-01T00:00:00Z" : "2026-01-03T00:00:00Z";
  return {
    to: due.address,
    at,
    text: `${due.accounts.map(({ username }) => username).join(", ")}\n${from}\n${items.join("\n")}\n${to}\n`,
  };
}

function wrapped(body: string): string {
  return Buffer.from(body).toString("base64").replace(/.{76}/g, "$&\r\n");
}

async function check(sql: postgres.Sql, folder: string, mails: readonly Mail[]) {
  const file = join(folder, "messages");
  await rm(file, { force: true });
  const store = await openMessageStore(file);
  for (const [n, { to, at, text, html: other }] of mails.entries()) {
    const html = (other ?? text).replace(/^- (.*)$/gm, "<li>$1</li>").replaceAll("\n", "<br>\n");
    const part = (type: string, body: string): string =>
      `--b\r\nContent-Type: text/${type}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${wrapped(body)}\r\n`;
    const raw = `From: <a@a.example>\r\nSubject: x\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n${part("plain", text)}${part("html", html)}--b--\r\n`;
    await store.keep(
      { sink: "s", at, from: "a@a.example", to: [to], messageId: `${n}@a.example` },
      Buffer.from(raw),
    );
  }
  store.close();
  const doors = { sinks: [{ file }], desk: { address: "desk@a.example" } } as unknown as Doors; // all that is read of it
  return await checkMessages(sql, doors, SECOND);
}

test("each fault in the mailboxes is found by its own check, and the right messages pass all", async () => {
  await using company = await exampleCompany();
  const { sql, dir } = company;
  const dues = (await sql.unsafe(EXPECTED_MESSAGES)) as unknown as Due[];
  const told = dues.filter(({ fate }) => fate === "message" || fate === "correction");
  const right = told.map(mailOf);
  const [first] = right;
  assert.ok(
    first &&
      told.some(({ fate }) => fate === "correction") &&
      told.some(({ wave, fate }) => wave === 2 && fate === "message"),
  );
  const failed = async (mails: readonly Mail[]): Promise<string[]> =>
    (await check(sql, dir, mails)).checks.filter(({ ok }) => !ok).map(({ name }) => name);

  assert.deepEqual(await failed(right), []);
  assert.deepEqual(await failed(right.slice(1)), [
    "people of the first wave with exactly one message",
  ]);
  assert.deepEqual(await failed([first, ...right]), [
    "people of the first wave with exactly one message",
  ]);
  const names = "messages that do not name exactly what was that person's and new";
  assert.deepEqual(
    await failed([{ ...first, text: first.text.replace(/: .*[,、]/, ": ") }, ...right.slice(1)]),
    [names],
  );
  const poorer = { ...first, html: first.text.replace(/: .*[,、]/, ": ") };
  assert.deepEqual(await failed([poorer, ...right.slice(1)]), [names]);
  const german = told.findIndex(
    ({ language, fate }) => language.startsWith("de") && fate === "message",
  );
  const wrongLanguage = right.with(
    german,
    mailOf({ ...(told[german] ?? assert.fail()), language: "fr" }),
  );
  assert.deepEqual(await failed(wrongLanguage), [names]);
  assert.deepEqual(await failed([...right, { ...first, to: "stranger@freemail.example" }]), [
    "messages to anybody else",
  ]);
  const silent =
    dues.find(({ fate }) => fate === "do-not-contact") ??
    assert.fail("nobody asked not to be written to");
  assert.deepEqual(await failed([...right, mailOf(silent)]), [
    "messages to people marked do-not-contact",
  ]);
  const corrected = told.findIndex(({ fate }) => fate === "correction");
  assert.deepEqual(await failed(right.toSpliced(corrected, 1)), [
    "people told in error with exactly one correction",
  ]);
});
