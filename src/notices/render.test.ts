import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { assert as holds, property, string } from "fast-check";
import PostalMime from "postal-mime";
import { exposure, noticePerson, noticeSettings } from "../../test/support/notice-people.ts";
import type { NoticePerson } from "./person.ts";
import { noticeKit, type Notice } from "./render.ts";

const KEY = Buffer.alloc(32, 7);
const SENDING = {
  run: "5f1c2a90-0000-4000-8000-000000000000",
  step: 2,
  subject: "s",
  date: new Date(0),
};

function shown(person: NoticePerson, settings = noticeSettings()): Notice {
  const notice = noticeKit(settings, KEY).show(person);
  assert.ok(!("empty" in notice), JSON.stringify(notice));
  return notice;
}

function built(person: NoticePerson): Buffer {
  const rendered = noticeKit(noticeSettings(), KEY).build(person, SENDING);
  assert.ok("message" in rendered, JSON.stringify(rendered));
  return rendered.message.data;
}

const PASSWORD = exposure("user.authorization.password", { detail: "bcrypt" });
const GITHUB = exposure("token.github");
const PHONE = exposure("user.contact.phone_number", { sureness: "possible" });
const NAME = exposure("user.account.username");

for (const language of ["en", "fr", "ja"]) {
  test(`the notice in ${language} reads as the golden one`, () => {
    const accounts = [
      { account: "1", username: "jtanaka", exposed: [NAME, PASSWORD, GITHUB, PHONE] },
    ];
    const { subject, text, html } = shown(noticePerson({ language, accounts }));
    const golden = new URL(`golden/notice.${language}.txt`, import.meta.url);
    const got = `${subject}\n\n${text}\n${html}`;
    if (process.argv.includes("--write-golden")) writeFileSync(golden, got);
    assert.equal(got, readFileSync(golden, "utf8"));
  });
}

test("a person reads of exactly what was exposed, and how sure that is", () => {
  const likely = exposure("user.contact.email", { sureness: "likely" });
  const { text } = shown(
    noticePerson({ accounts: [{ account: "1", username: "a", exposed: [NAME, likely, PHONE] }] }),
  );
  assert.match(text, /This was copied: your user name\.\n/);
  assert.match(text, /This was likely copied: your e-mail address\./);
  assert.match(text, /This may have been copied: your telephone number\./);
  assert.doesNotMatch(text, /password in|token/);
});

test("nobody is told to change a password that was not exposed", () => {
  const without = shown(noticePerson()).text;
  assert.doesNotMatch(without, /choose a new password/);
  assert.match(without, /need not:\n\n- change your password with us/);
  const accounts = [{ account: "1", username: "a", exposed: [PASSWORD] }];
  const having = shown(noticePerson({ accounts })).text;
  assert.match(having, /choose a new password/);
  assert.doesNotMatch(having, /change your password with us/);
  assert.doesNotMatch(having, /known to others/);
});

test("a password in a weak form is to be treated as known", () => {
  const weak = exposure("user.authorization.password", { detail: "sha1" });
  assert.match(
    shown(noticePerson({ accounts: [{ account: "1", username: "a", exposed: [weak] }] })).text,
    /known to others/,
  );
});

test("one message names all accounts, each with what was exposed of it", () => {
  const accounts = [
    { account: "1", username: "first", exposed: [NAME] },
    { account: "2", username: "second", exposed: [NAME, GITHUB] },
  ];
  const { text } = shown(noticePerson({ accounts }));
  assert.match(text, /your accounts first and second/);
  assert.match(text, /- first: This was copied: your user name\.\n- second: .*GitHub/);
});

test("a later wave says what is new and what was told before", () => {
  const told = exposure("user.account.username", { fresh: false });
  const accounts = [{ account: "1", username: "a", exposed: [told, PASSWORD] }];
  const { text } = shown(noticePerson({ wave: 2, accounts }));
  assert.match(
    text,
    /New since our last message: This was copied: your password in scrambled form\./,
  );
  assert.match(text, /We told you before about: your user name\./);
});

test("a correction takes back what was told, and asks for nothing", () => {
  const templates = {
    en: "# Our earlier message\n\n{{ greeting }}\n\n{{ exposed }}\n\n{{ reference }}\n",
  };
  const person = noticePerson({
    correction: true,
    accounts: [{ account: "1", username: "a", exposed: [PASSWORD] }],
  });
  const { text } = shown(person, noticeSettings({ templates, correction: true }));
  assert.match(text, /in error, it was not part of it: your password/);
  assert.doesNotMatch(text, /was copied/);
});

test("an empty placeholder stops the notice, and a guarded one does not", () => {
  const kit = (body: string) =>
    noticeKit(noticeSettings({ templates: { en: `# S\n\n${body}\n` } }), KEY);
  const nameless = noticePerson({ name: "" });
  assert.deepEqual(kit("Dear {{ name }}").show(nameless), { empty: ["name"] });
  assert.deepEqual(kit("Dear {{ name }}").build(nameless, SENDING), { empty: ["name"] });
  assert.ok("text" in kit("{% if name %}Dear {{ name }}{% else %}Hello{% endif %}").show(nameless));
  assert.ok("text" in kit("{{ greeting }}").show(nameless));
  const nothing = noticePerson({ accounts: [{ account: "1", username: "a", exposed: [] }] });
  assert.deepEqual(kit("{{ exposed }}").show(nothing), { empty: ["exposed"] });
});

test("the nearest language is taken, and the organisation's first one otherwise, which is noted", () => {
  const of = (language: string) => {
    const { language: got, fallback } = shown(noticePerson({ language }));
    return [got, fallback];
  };
  assert.deepEqual(of("fr-CA"), ["fr", false]);
  assert.deepEqual(of("fr_FR"), ["fr", false]);
  assert.deepEqual(of("JA"), ["ja", false]);
  assert.deepEqual(of("sv"), ["en", true]);
  assert.deepEqual(of("not a language"), ["en", true]);
  assert.deepEqual(of(""), ["en", false]);
});

test("the same input gives the same bytes, and another kit the same again", () => {
  assert.deepEqual(built(noticePerson()), built(noticePerson()));
});

test("a mail reader finds both parts, the subject and the addresses as they were meant", async () => {
  for (const language of ["en", "fr", "ja"]) {
    const person = noticePerson({
      language,
      name: "Zoë O’Hara",
      accounts: [{ account: "1", username: "zo.ë", exposed: [NAME, PASSWORD, GITHUB] }],
    });
    const mail = await PostalMime.parse(built(person));
    const notice = shown(person);
    assert.equal(mail.subject, notice.subject);
    assert.equal(mail.text?.replaceAll("\r\n", "\n").trim(), notice.text.trim());
    assert.equal(mail.html?.replaceAll("\r\n", "\n").trim(), notice.html.trim());
    assert.deepEqual(
      mail.to?.map(({ address }) => address),
      [person.to],
    );
    assert.equal(mail.from?.name, "Example Cloud");
    assert.equal(mail.headers.find(({ key }) => key === "auto-submitted")?.value, "auto-generated");
  }
});

test("every line is ASCII and at most 78 characters, the address's own apart", () => {
  const long = noticePerson({
    language: "ja",
    name: "名".repeat(60),
    accounts: [
      { account: "1", username: "x".repeat(70), exposed: [NAME, PASSWORD, GITHUB, PHONE] },
    ],
  });
  for (const line of String(built(long)).split("\r\n")) {
    assert.match(line, /^[\x20-\x7e]*$/);
    assert.ok(line.length <= 78, line);
  }
});

test("the Message-ID says nothing of the person and is another for each run, step and person", () => {
  const kit = noticeKit(noticeSettings(), KEY);
  const ids = [
    SENDING,
    { ...SENDING, step: 3 },
    { ...SENDING, run: "r" },
    { ...SENDING, subject: "t" },
  ].map((sending) => {
    const rendered = kit.build(noticePerson(), sending);
    return "message" in rendered ? rendered.message.id : "";
  });
  assert.equal(new Set(ids).size, 4);
  assert.ok(ids.every((id) => /^[0-9a-f]{40}@example\.cloud$/.test(id)));
});

test("no name or user name can become a header, a part, markup or a link", async () => {
  const kit = noticeKit(noticeSettings(), KEY);
  const plain = built(
    noticePerson({ name: "x", accounts: [{ account: "1", username: "x", exposed: [NAME] }] }),
  );
  const expected = await PostalMime.parse(plain);
  const nasty = string({ unit: "binary", maxLength: 60 }).map((text) => `x${text}`);
  const check = (value: string): void => {
    const person = noticePerson({
      name: value,
      accounts: [{ account: "1", username: value, exposed: [NAME] }],
    });
    const rendered = kit.build(person, SENDING);
    assert.ok("message" in rendered);
    const data = String(rendered.message.data);
    const head = data.slice(0, data.indexOf("\r\n\r\n"));
    assert.equal(head, String(plain).slice(0, head.length));
    const notice = kit.show(person);
    const html = "html" in notice ? notice.html : "";
    const tags = (markup: string): string[] => markup.match(/<[^>]*>/g) ?? [];
    assert.deepEqual(tags(html), tags(expected.html?.replaceAll("\r\n", "\n") ?? ""));
    assert.doesNotMatch(html, /href|[\uE000-\uF8FF\u202A-\u202E\u2066-\u2069]/);
  };
  holds(property(nasty, check), { numRuns: 200 });
  for (const value of [
    "a\r\nBcc: everybody@example.org",
    "<img src=x onerror=alert(1)>",
    "[click](https://evil.example)",
    "**bold**",
    "a\n\n# heading",
    "{{ code }}{% if %}",
    "\uE0001\uE001",
    "=_f042",
    '" onmouseover="x',
    "&lt;script&gt;",
    "\u202egnp.exe",
  ])
    check(value);
});

test("what a mail program would turn into a link is broken up", () => {
  for (const name of [
    "https://evil.example/reset",
    "visit www.evil.example",
    "evil.com now",
    "http:/evil",
  ]) {
    const { text } = shown(noticePerson({ name }));
    assert.ok(!text.includes(name), text);
  }
  assert.match(shown(noticePerson({ name: "J. R. Tanaka" })).text, /J\. R\. Tanaka/);
});

test("people of one shape are rendered once", () => {
  const kit = noticeKit(noticeSettings(), KEY);
  for (let n = 0; n < 500; n += 1) {
    const exposed = n % 2 === 0 ? [NAME] : [NAME, PASSWORD];
    kit.build(
      noticePerson({
        to: `u${n}@example.org`,
        name: `N ${n}`,
        accounts: [{ account: String(n), username: `u${n}`, exposed }],
      }),
      SENDING,
    );
  }
  assert.equal(kit.shapes(), 2);
});

test("a person's own value cannot be compared, which would need a rendering for each person", () => {
  const settings = noticeSettings({
    templates: { en: '# S\n\n{% if name == "Jun Tanaka" %}x{% endif %}y\n' },
  });
  assert.throws(() => noticeKit(settings, KEY).show(noticePerson()), /cannot compare/);
});
