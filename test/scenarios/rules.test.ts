// Tocsin's own rules against their fixtures, and against recordings of attacks; `rules test` and `rules explain` as people use them.
import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { ROOT, tocsin } from "../support/little-host.ts";
import { sharedData } from "../support/shared-data.ts";

const RULES = join(ROOT, "rules");

const Result = z.object({
  passed: z.number(),
  failed: z.array(
    z.object({
      file: z.string(),
      message: z.string(),
      events: z.array(z.object({ place: z.number(), raw: z.string() })),
    }),
  ),
  errors: z.array(z.string()),
  untested: z.array(z.object({ rule: z.string(), lacks: z.array(z.string()) })),
});

async function inFolder(look: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-rules-test-"));
  try {
    await look(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("every rule of Tocsin finds what its fixtures say, and has fixtures of both kinds", async () => {
  const { status, out } = await tocsin(["rules", "test", RULES, "--json"], { folder: ROOT });
  const { passed, failed, errors, untested } = Result.parse(JSON.parse(out));
  assert.deepEqual({ failed, errors, untested }, { failed: [], errors: [], untested: [] });
  assert.equal(status, 0);
  assert.ok(passed >= 60, `${passed} fixtures`);
});

test("a rule that no longer finds its fixture fails, with the events that it was to find", async () => {
  await inFolder(async (folder) => {
    await cp(join(RULES, "aws"), join(folder, "aws"), { recursive: true });
    const fixtures = join(folder, "aws", "logging.fixtures");
    await cp(
      join(fixtures, "aws_trail_stopped.misses.ndjson"),
      join(fixtures, "aws_trail_stopped.finds.ndjson"),
    );
    await cp(
      join(fixtures, "aws_trail_narrowed.finds.ndjson"),
      join(fixtures, "aws_trail_narrowed.misses.ndjson"),
    );
    await writeFile(join(fixtures, "aws_organization_left.misses.ndjson"), "");
    await writeFile(join(fixtures, "nothing.finds.txt"), "2026-11-25T10:00:00Z app hello\n");
    const ran = await tocsin(["rules", "test", "aws/logging.yml", "--json"], { folder });
    assert.equal(ran.status, 65);
    const { failed } = Result.parse(JSON.parse(ran.out));
    assert.deepEqual(
      failed.map(({ file, events, message }) => [
        file.split("/").at(-1),
        events.length > 0,
        message.split(" ").slice(0, 4).join(" "),
      ]),
      [
        ["nothing.finds.txt", false, "no rule of the"],
        ["aws_organization_left.misses.ndjson", false, "it holds no record"],
        ["aws_trail_narrowed.misses.ndjson", true, "the rule finds what"],
        ["aws_trail_stopped.finds.ndjson", true, "the rule finds nothing"],
      ],
    );
    const shown = await tocsin(["rules", "test", "aws/logging.yml"], { folder });
    assert.match(shown.out, /failed: .*aws_trail_stopped.*\n {2}1: \{.*DescribeTrails/);
  });
});

const PLACED = `title: Entered from Cloudflare in Australia
name: placed
taxonomy: ocsf
logsource: {}
detection:
  entered:
    class_uid: 3002
    src_endpoint.location.country: au
    src_endpoint.autonomous_system.name|contains: cloudflare
    src_endpoint.autonomous_system.number: 13335
  condition: entered
---
title: Entered from where nobody knows
name: unplaced
taxonomy: ocsf
logsource: {}
detection:
  entered:
    class_uid: 3002
  known:
    src_endpoint.location.country|exists: true
  condition: entered and not known
`;

const entered = (...addresses: readonly string[]): string =>
  addresses
    .map(
      (ip, at) => `2026-11-25T10:00:0${at}Z app INFO Login successful for user emil from ${ip}\n`,
    )
    .join("");

test("a rule may name the country and the network of an address, and their absence", async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, "own.yml"), PLACED);
    const fixtures = join(folder, "own.fixtures");
    await mkdir(fixtures);
    await writeFile(join(fixtures, "placed.finds.txt"), entered("8.8.8.8", "1.1.1.1"));
    await writeFile(join(fixtures, "placed.misses.txt"), entered("8.8.8.8", "10.0.0.1"));
    await writeFile(join(fixtures, "unplaced.finds.txt"), entered("1.1.1.1", "10.0.0.1"));
    await writeFile(join(fixtures, "unplaced.misses.txt"), entered("1.1.1.1", "8.8.8.8"));
    const { status, out } = await tocsin(["rules", "test", "--json"], { folder });
    assert.deepEqual(
      [status, Result.parse(JSON.parse(out))],
      [0, { passed: 4, failed: [], errors: [], untested: [] }],
    );
    const explained = await tocsin(["rules", "explain", "own.yml", "--format", "text"], { folder });
    assert.match(
      explained.out,
      /src_endpoint\.location\.country: country of src_endpoint_ip's place/,
    );
  });
});

test("rules explain shows fields, candidates and exact conditions, and a correlation's statements", async () => {
  const one = await tocsin(["rules", "explain", "aws_trail_stopped"], { folder: ROOT });
  assert.equal(one.status, 0);
  assert.match(one.out, /^-- {3}eventName: raw eventName$/m);
  assert.match(one.out, /^-- candidates, by signs\nselect source, place from/m);
  assert.match(one.out, /^-- exact\nselect time/m);
  const many = await tocsin(
    ["rules", "explain", "many_failures_from_one_address", "--format", "syslog", "--json"],
    { folder: ROOT },
  );
  const { rules } = z
    .object({
      rules: z.array(
        z.object({ kind: z.string(), statements: z.array(z.string()).optional() }).loose(),
      ),
    })
    .parse(JSON.parse(many.out));
  assert.deepEqual(
    rules.map(({ kind }) => kind),
    ["correlation", "detection"],
  );
  assert.ok(rules[0]?.statements?.some((sql) => /sum\(d\) over/.test(sql)));
  const none = await tocsin(["rules", "explain", "no_such_rule"], { folder: ROOT });
  assert.notEqual(none.status, 0);
  assert.match(
    none.err + none.out,
    /no rule that can be used has the id, name or file no_such_rule/,
  );
});

/** Recording → the rule that finds its technique. */
const TECHNIQUES: Readonly<Record<string, string>> = {
  "aws.credential-access.ec2-get-password-data":
    "Administrators' passwords of many Windows instances asked for",
  "aws.credential-access.ec2-steal-instance-credentials":
    "Credentials of an instance used where a person works",
  "aws.defense-evasion.cloudtrail-delete": "CloudTrail's recording deleted or stopped",
  "aws.defense-evasion.cloudtrail-event-selectors": "CloudTrail told to record less",
  "aws.defense-evasion.dns-delete-logs": "Record of DNS questions deleted",
  "aws.defense-evasion.organizations-leave": "An account leaves its organisation",
  "aws.discovery.ec2-download-user-data": "User data of many instances read",
  "aws.execution.ec2-launch-unusual-instances": "Instances with accelerators started",
  "aws.execution.ssm-start-session": "Shells on many instances through Session Manager",
  "aws.exfiltration.ec2-security-group-open-port-22-ingress":
    "A port of administration opened to everybody",
  "aws.exfiltration.rds-share-snapshot": "A database's snapshot shared with another account",
  "aws.impact.bedrock-invoke-model": "A model applied for and called at once",
  "aws.initial-access.console-login-without-mfa": "Console entered without a second factor",
  "aws.lateral-movement.ec2-instance-connect": "An SSH key pushed to many instances",
  "aws.persistence.iam-create-user-login-profile": "A password made for a user that had none",
  "aws.persistence.lambda-backdoor-function": "A function that others may call",
  "aws.persistence.lambda-layer-extension": "A layer put under a function",
  "aws.privilege-escalation.iam-update-user-login-profile": "Password of another user set",
};

const Finding = z.object({
  finding_info: z.object({ title: z.string() }),
  unmapped: z.object({ events: z.array(z.object({ source: z.string() })).min(1) }),
});

const stratus = sharedData("cloudtrail/stratus");

test(
  "each of the 18 recorded attacks on AWS gives the finding of its technique, and no other",
  { skip: stratus === undefined ? "the shared data is not here" : false },
  async () => {
    const { out } = await tocsin(["detect", stratus ?? "", "--rules", "rules/aws", "--json"], {
      folder: ROOT,
    });
    const found = out
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => Finding.parse(JSON.parse(line)))
      .map(({ finding_info: { title }, unmapped: { events } }) => [
        basename(events[0]?.source ?? "", ".json"),
        title,
      ]);
    assert.equal(found.length, 18);
    assert.deepEqual(Object.fromEntries(found), TECHNIQUES);
  },
);
