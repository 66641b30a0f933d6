// What the documents show is held to what the program takes.
import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { COMMANDS } from "../../src/cli/commands.ts";
import { findCommand, readTyped } from "../../src/cli/typed.ts";
import { parseIncident } from "../../src/config/load-incident.ts";
import { parseOrganisation } from "../../src/config/load-organisation.ts";
import type { Organisation } from "../../src/config/organisation.ts";
import { readTemplates } from "../../src/notices/templates.ts";
import { ROOT } from "../support/little-host.ts";

async function block(document: string, language: string): Promise<string> {
  const text = await readFile(join(ROOT, document), "utf8");
  const found = text.split(`\`\`\`${language}\n`)[1]?.split("```")[0];
  return found ?? assert.fail(`${document} has no ${language}`);
}

const environment = {
  ACCOUNTS_URL: "postgres://reader@db.example.cloud/accounts",
  SMTP_URL: "smtps://user:password@mail.example.cloud",
};

async function organisation(): Promise<Organisation> {
  const name = "docs/organisation-file.md";
  return parseOrganisation(await block(name, "yaml"), { name, environment });
}

test("the documents' tocsin.yaml is valid, and so is their incident.yaml in it", async () => {
  const name = "docs/incident-file.md";
  const incident = parseIncident(await block(name, "yaml"), {
    name,
    organisation: await organisation(),
  });
  assert.equal(incident.incident, "leak");
});

test("the documents' connectors are valid", async () => {
  const name = "docs/connectors.md";
  const head = "organisation: { name: E, domain: example.cloud, contact: privacy@example.cloud }\n";
  const { connectors } = parseOrganisation(head + (await block(name, "yaml")), {
    name,
    environment,
  });
  assert.deepEqual(Object.keys(connectors), [
    "accounts",
    "hub",
    "github",
    "atlassian",
    "operations",
  ]);
});

test("the documents' notice is a template that may go out", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-notice-"));
  try {
    await mkdir(join(folder, "notices"));
    const text = await block("docs/notices.md", "markdown");
    await writeFile(join(folder, "notices/affected.en.md"), text);
    const { organisation: of } = await organisation();
    const { sources } = await readTemplates(folder, "notices/affected", {
      name: of.name,
      domain: of.domain,
      contact: of.contact,
      languages: ["en"],
    });
    assert.deepEqual(Object.keys(sources), ["en"]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("every command that a document shows exists and takes those options", async () => {
  const files = ["README.md", "CHANGELOG.md", ...globSync("docs/*.md", { cwd: ROOT })];
  for (const file of files) {
    const text = await readFile(join(ROOT, file), "utf8");
    const shown = text.matchAll(/(?:^|`)(?:\.\/)?tocsin ([a-z][^`\n|&·]*)/gm);
    for (const [, line = ""] of shown) {
      const words = [...line.matchAll(/"[^"]*"|\S+/g)].map(([word]) => word);
      const command = findCommand(COMMANDS, words);
      if (command) readTyped({ ...command, args: [ANY] }, words);
      else assert.ok(isGroup(words), `${file}: there is no command ${line}`);
    }
  }
});

// A document may name a command without its arguments.
const ANY = { name: "any", about: "", optional: true, rest: true } as const;

// `tocsin run` for its commands, or a signed name such as `tocsin/0`.
function isGroup([first = ""]: readonly string[]): boolean {
  return COMMANDS.some(({ path }) => path.startsWith(`${first} `));
}
