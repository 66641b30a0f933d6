import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../../test/support/context.ts";
import { NO_DOVECOT, startDovecot } from "../../test/support/dovecot.ts";
import { check } from "./check.ts";

test("a mailbox is tried like any other connection, and a wrong password is said", async (t) => {
  await using dovecot = await startDovecot();
  if (!dovecot) {
    t.skip(NO_DOVECOT);
    return;
  }
  const wrong = { ...dovecot.imap, password_file: dovecot.imap["ca_file"] };
  await using made = await testContext({
    organisation: {
      mail: {
        from: { name: "Example Cloud", address: "security@example.cloud" },
        providers: {},
        bounces: { imap: dovecot.imap },
        reports: { imap: wrong },
      },
    },
  });
  const { ok, results } = await check(made.ctx, {});
  assert.equal(ok, false);
  assert.deepEqual(
    results.map(({ name, ok: well, says }) => [name, well, says]),
    [
      ["mail.bounces.imap", true, "lets us read INBOX"],
      ["mail.reports.imap", false, "mailbox reports: it does not let us in"],
    ],
  );
});
