import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { Category } from "../config/words.ts";
import { sharedData } from "../../test/support/shared-data.ts";
import { CATEGORIES, CATEGORY_KEYS, columnWords, factsOf, titleOf } from "./categories.ts";

test("every data class of Have I Been Pwned is one of ours", (t) => {
  const path = sharedData("disclosure/hibp-breaches.json");
  if (path === undefined) {
    t.skip("shared data is not here");
    return;
  }
  const breaches = z
    .array(z.object({ DataClasses: z.array(z.string()) }))
    .parse(JSON.parse(readFileSync(path, "utf8")));
  const ours = new Set<string>(Object.values(CATEGORIES).flatMap((facts) => [...facts.hibp]));
  const theirs = new Set(breaches.flatMap((breach) => breach.DataClasses));
  assert.deepEqual(
    [...theirs].filter((slug) => !ours.has(slug)),
    [],
  );
});

test("every category can be written in incident.yaml and has a title of its own", () => {
  for (const key of CATEGORY_KEYS) assert.ok(Category.safeParse(key).success, key);
  const titles = CATEGORY_KEYS.map((key) => titleOf(key, "en"));
  assert.equal(new Set(titles).size, titles.length);
  assert.equal(titleOf("user.contact.address.street", "en"), "postal address");
  assert.equal(titleOf("own.thing", "en"), "own.thing");
});

const COLUMNS = {
  "E-Mail": "user.contact.email",
  emailAddress: "user.contact.email",
  passwordHash: "user.authorization.password",
  pwd_md5: "user.authorization.password",
  github_access_token: "token.github",
  BitbucketToken: "token.bitbucket",
  user_name: "user.account.username",
  Prénom: "user.name",
  date_of_birth: "user.demographic.date_of_birth",
  ccNumber: "user.financial.credit_card",
  last_login_ip: "user.device.ip_address",
  userId: "user.unique_id",
  num_servers: "service.servers.count",
  root_password: "service.servers.credentials",
  support_notes: "user.content.support",
  amount_paid: "user.payment",
};

test("columns are recognised by the names that people give them", () => {
  for (const [name, category] of Object.entries(COLUMNS)) {
    const found = CATEGORY_KEYS.filter((key) => factsOf(key)?.columns?.test(columnWords(name)));
    assert.deepEqual(found, [category], name);
  }
  for (const name of ["passenger", "description_of_goods", "emailed_at", "hashtags", "tokenizer"]) {
    assert.deepEqual(
      CATEGORY_KEYS.filter((key) => factsOf(key)?.columns?.test(columnWords(name))),
      [],
      name,
    );
  }
});
