import type { Run } from "../command.ts";
import { runTests } from "../test.ts";

export const run: Run = async (_cli, { rest }) => await runTests(rest);
