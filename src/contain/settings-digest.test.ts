import assert from "node:assert/strict";
import { test } from "node:test";
import { Organisation } from "../config/organisation.ts";
import { actionOf } from "./action-of.ts";

const ACTION = {
  do: "update a set b = 1 where id = any(:targets)",
  left: "select id from a where id = any(:targets)",
};

function digest(sql: string, action = ACTION, others = {}): string {
  const organisation = Organisation.parse({
    organisation: {
      name: "Example Cloud",
      domain: "example.cloud",
      contact: "privacy@example.cloud",
    },
    connectors: { accounts: { sql, actions: { "invalidate-password": action, ...others } } },
  });
  return actionOf(organisation, "accounts.invalidate-password").settingsDigest;
}

const at = "postgres://tocsin:one@db.example/cloud";

test("another statement or another database changes what was approved", () => {
  assert.notEqual(
    digest(at),
    digest(at, { ...ACTION, do: "delete from a where id = any(:targets)" }),
  );
  assert.notEqual(digest(at), digest(at.replace("db.", "other.")));
  assert.notEqual(
    digest("postgres://a@/cloud?host=/run/one"),
    digest("postgres://a@/cloud?host=/run/two"),
  );
});

test("a new password and another action of the connector change nothing", () => {
  assert.equal(digest(at), digest(at.replace(":one@", ":two@")));
  assert.equal(digest(at), digest(at, ACTION, { "revoke-sessions": ACTION }));
});

test("an action or a connector that is not there is said to be so", () => {
  const organisation = Organisation.parse({
    organisation: {
      name: "Example Cloud",
      domain: "example.cloud",
      contact: "privacy@example.cloud",
    },
    connectors: { atlassian: { vendor: { name: "Atlassian", address: "a@b.example" } } },
  });
  assert.equal(actionOf(organisation, "atlassian.request").watching, true);
  assert.throws(() => actionOf(organisation, "atlassian.other"), {
    code: "not_found",
    message: /has only request/,
  });
  assert.throws(() => actionOf(organisation, "hub.unlink"), { code: "not_found" });
});
