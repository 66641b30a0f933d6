import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { guarded } from "./guarded.ts";

const TRIES = {
  "a file elsewhere": "require('node:fs').readFileSync('/etc/hostname')",
  "a file written elsewhere": "require('node:fs').writeFileSync('../escaped', 'x')",
  "a link out of the folder": "require('node:fs').symlinkSync('/etc', 'out')",
  "a process": "require('node:child_process').execFileSync('true')",
  "a thread": "new (require('node:worker_threads').Worker)('1', { eval: true })",
  "native code": "process.dlopen({ exports: {} }, '/x.node')",
  "code from text": "new Function('return 1')()",
};

test("the process that reads documents gets at nothing but its folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-guarded-"));
  const run = (script: string): string =>
    execFileSync(process.execPath, [...guarded(folder, { heapMegabytes: 64 }), "-e", script], {
      cwd: folder,
      env: {},
      encoding: "utf8",
    });
  try {
    for (const [what, attempt] of Object.entries(TRIES)) {
      const said = run(
        `try { ${attempt}; console.log('done') } catch (error) { console.log(error.code ?? error.name) }`,
      );
      assert.match(said, /^(?:ERR_ACCESS_DENIED|EvalError|ERR_DLOPEN_DISABLED)\s*$/, what);
    }
    const net =
      "require('node:net').connect(9, '127.0.0.1').on('error', (error) => console.log(error.code))";
    assert.match(
      run(`try { ${net} } catch (error) { console.log(error.code) }`),
      /^ERR_ACCESS_DENIED\s*$/,
    );
    assert.equal(
      run(
        "require('node:fs').writeFileSync('in', 'x'); console.log(Object.keys(process.env).length)",
      ).trim(),
      "0",
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
