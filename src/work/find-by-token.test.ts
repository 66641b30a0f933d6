import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../../test/support/context.ts";
import { testRun } from "../../test/support/work.ts";
import { findByToken, taskToken } from "./find-by-token.ts";

test("a task is found by its token, in runs that came after the first look too", async () => {
  await using t = await testContext();
  const scope = "mail:write";
  const first = await testRun(t.ctx, { kind: "notice", tasks: 3 });
  const one = taskToken({ run: first, step: 0, key: "k2" });
  const found = await findByToken(t.ctx, { tokens: [one, "0".repeat(40)], kind: "notice", scope });
  assert.deepEqual(
    found.map(({ run, step, key, token }) => ({ run, step, key, token })),
    [{ run: first, step: 0, key: "k2", token: one }],
  );
  const second = await testRun(t.ctx, { kind: "other", tasks: 1 }, { kind: "notice", tasks: 1 });
  const tokens = [0, 1].map((step) => taskToken({ run: second, step, key: "k1" }));
  const later = await findByToken(t.ctx, { tokens: [...tokens, one], kind: "notice", scope });
  assert.deepEqual(later.map(({ run, step }) => `${run === first ? 1 : 2}/${step}`).toSorted(), [
    "1/0",
    "2/1",
  ]);
});

test("without the scope nobody looks a token up", async () => {
  await using t = await testContext();
  const ctx = { ...t.ctx, actor: { name: "x", via: "http" as const, scopes: new Set<never>() } };
  await assert.rejects(
    findByToken(ctx, { tokens: ["0".repeat(40)], kind: "notice", scope: "mail:write" }),
    { code: "forbidden" },
  );
});
