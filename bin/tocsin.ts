// The compile cache must be on before anything else is loaded; what a command needs is loaded when it runs.
import { enableCompileCache } from "node:module";
import { join } from "node:path";

enableCompileCache(join(import.meta.dirname, "..", ".node", "compile-cache"));

const [command, ...rest] = process.argv.slice(2);
if (command === "test") {
  const { runTests } = await import("../src/cli/test.ts");
  process.exitCode = await runTests(rest);
} else {
  const { main } = await import("../src/cli/main.ts");
  process.exitCode = await main(process.argv.slice(2), process.env);
}
