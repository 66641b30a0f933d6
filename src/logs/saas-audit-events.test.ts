import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { test } from "node:test";
import assert from "node:assert/strict";
import { claimsOf, type EventRow, readLines } from "../../test/support/read-lines.ts";
import { sharedData } from "../../test/support/shared-data.ts";
import { FORMATS, formatOf } from "./formats.ts";

// 1,827 tests of a public rule collection, whose events are whole records as services write them. What each event says is read
// here once more with plain property access, which shares nothing with the formats.
const path = sharedData("saas-audit-events.jsonl");
const skip = path === undefined ? "the shared data is not here" : false;

type Sample = { readonly type: string; readonly log: Fields };
type Fields = { readonly [key: string]: unknown };

/** Their name of a log → ours, and what an event of it says. */
const LOGS: Readonly<Record<string, { readonly formats: readonly string[]; readonly says: Says }>> =
  {
    "AWS.CloudTrail": { formats: ["cloudtrail"], says: cloudtrail },
    "GCP.AuditLog": { formats: ["gcp-audit"], says: gcp },
    "Azure.MonitorActivity": { formats: ["azure-activity"], says: azure },
    "Azure.Audit": { formats: ["entra-audit", "entra-sign-in"], says: entra },
    "Microsoft365.Audit.Exchange": { formats: ["m365-audit"], says: m365 },
    "Microsoft365.Audit.SharePoint": { formats: ["m365-audit"], says: m365 },
    "Microsoft365.Audit.AzureActiveDirectory": { formats: ["m365-audit"], says: m365 },
    "GitHub.Audit": { formats: ["github-audit"], says: github },
    "GitLab.Audit": { formats: ["gitlab-audit"], says: gitlab },
    "Okta.SystemLog": { formats: ["okta"], says: okta },
    "GSuite.ActivityEvent": { formats: ["google-workspace"], says: workspace },
    "Auth0.Events": { formats: ["auth0"], says: auth0 },
    "OneLogin.Events": { formats: ["onelogin"], says: onelogin },
    "Slack.AuditLogs": { formats: ["slack-audit"], says: slack },
    "Amazon.EKS.Audit": { formats: ["kubernetes-audit"], says: kubernetes },
    "Duo.Authentication": { formats: ["duo"], says: duoSignIn },
    "Duo.Administrator": { formats: ["duo"], says: duoAdmin },
    "Cloudflare.Firewall": { formats: ["cloudflare"], says: cloudflare },
  };

/** Events of those logs that are not recognised, by their first characters and with the reason. */
const LEFT_OUT: readonly (readonly [type: string, holds: RegExp, reason: string])[] = [
  ["AWS.CloudTrail", /"IsMultiRegionTrail"/, "a trail's configuration, filed as an event"],
  ["AWS.CloudTrail", /"eventname":/, "its keys folded to lower case by a table store"],
  ["GCP.AuditLog", /^\{"methodName":"[^"]+"\}$/, "one attribute cut out of an entry"],
  ["GCP.AuditLog", /"protopayload":/, "its keys folded to lower case by a table store"],
  [
    "GitHub.Audit",
    /"action":"invite_member"/,
    "an action without its category is none of GitHub's",
  ],
  ["GitHub.Audit", /^\{"action":"[a-z_.]+"\}$/, "one attribute cut out of an event"],
  ["", /"p_enrichment":\{/, "what another system found out about an event, without the event"],
];

test(
  "every audit event is taken for what it is, and no other record for one",
  { skip },
  async (t) => {
    const samples = read();
    const claims = await claimsOf(
      FORMATS,
      samples.map(({ log }) => JSON.stringify(log)),
    );
    const wrong: string[] = [];
    const left = new Map<string, number>();
    for (const [index, { type, log }] of samples.entries()) {
      const taken = claims[index]?.[0];
      const whole = JSON.stringify(log);
      const wanted = LOGS[type]?.formats;
      if (wanted?.includes(taken ?? "") ?? isUnknown(type, taken)) continue;
      const reason = LEFT_OUT.find(
        ([of, holds]) => (of === "" || of === type) && holds.test(whole),
      );
      if (reason) left.set(reason[2], (left.get(reason[2]) ?? 0) + 1);
      else wrong.push(`${type} is taken for ${taken}: ${whole.slice(0, 300)}`);
    }
    t.diagnostic(
      `${samples.length} records; left out: ${JSON.stringify(Object.fromEntries(left))}`,
    );
    assert.deepEqual(wrong, []);
    assert.ok([...left.values()].reduce((sum, count) => sum + count, 0) <= 20);
  },
);

// Where none or several logs are named, the events themselves tell.
function isUnknown(type: string, taken: string | undefined): boolean {
  const ours = Object.values(LOGS).flatMap(({ formats }) => formats);
  return type === "none" || type.includes("|") || !ours.includes(taken ?? "");
}

test("who, from where, what and how it ended is what the event says", { skip }, async (t) => {
  const counts: Record<string, number> = {};
  const wrong: string[] = [];
  for (const { row, sample } of await recognised()) {
    counts[sample.type] = (counts[sample.type] ?? 0) + 1;
    const expected = LOGS[sample.type]?.says(sample.log);
    const told = tell(row);
    for (const key of ["actor", "address", "operation", "outcome"] as const)
      if (told[key] !== expected?.[key])
        wrong.push(
          `${sample.type} ${key}: ${JSON.stringify(told[key])}, the event says ${JSON.stringify(expected?.[key])}: ${row.raw.slice(0, 400)}`,
        );
  }
  t.diagnostic(JSON.stringify(counts));
  assert.deepEqual(wrong, []);
  assert.ok(Object.values(counts).reduce((sum, count) => sum + count, 0) > 800);
});

async function recognised(): Promise<{ readonly row: EventRow; readonly sample: Sample }[]> {
  const samples = read().filter(({ type }) => Object.hasOwn(LOGS, type));
  const line = ({ log }: Sample): string => JSON.stringify(log);
  const claims = await claimsOf(FORMATS, samples.map(line));
  const out = [];
  for (const name of new Set(Object.values(LOGS).flatMap(({ formats }) => formats))) {
    const format = formatOf(name);
    assert.ok(format);
    const own = samples.filter((_, index) => claims[index]?.[0] === name);
    for (const [index, row] of (await readLines({ format, lines: own.map(line) })).entries()) {
      assert.equal(row.broken, "");
      const sample = own[index];
      assert.ok(sample);
      out.push({ row, sample });
    }
  }
  return out;
}

type Told = {
  readonly actor: unknown;
  readonly address: unknown;
  readonly operation: unknown;
  readonly outcome: "success" | "failure" | "unknown";
};
type Says = (log: Fields) => Told;

function tell(row: EventRow): Told {
  const outcome = (["unknown", "success", "failure"] as const)[Number(row.status_id)] ?? "unknown";
  return {
    actor: row.actor_user_name,
    address: row.src_endpoint_ip,
    operation: row.api_operation,
    outcome,
  };
}

function read(): Sample[] {
  return readFileSync(path ?? "", "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => Object(JSON.parse(line)))
    .filter(({ log }) => typeof log === "object" && log !== null && !Array.isArray(log))
    .map(({ log, logTypes }) => ({
      type: String(log.p_log_type ?? (logTypes ?? ["none"]).join("|")),
      log,
    }));
}

/** What stands at a path; undefined where nothing does. */
function at(log: unknown, ...keys: readonly (string | number)[]): unknown {
  let value = log;
  for (const key of keys) value = Object(value)[key];
  return value ?? undefined;
}

function text(...values: readonly unknown[]): string {
  const found = values.find((value) => value !== undefined && value !== null && value !== "");
  return found === undefined ? "" : typeof found === "string" ? found : JSON.stringify(found);
}

function ip(value: unknown): string {
  const bare = typeof value === "string" ? value.replace(/^([0-9.]+):\d+$/, "$1") : "";
  return isIP(bare) === 6
    ? new URL(`http://[${bare}]`).hostname.slice(1, -1)
    : isIP(bare)
      ? bare
      : "";
}

function cloudtrail(log: Fields): Told {
  const user = log["userIdentity"];
  const arn = text(at(user, "arn"));
  const assumed = arn.split(":assumed-role/")[1];
  const named = at(user, "type") === "AssumedRole" ? undefined : at(user, "userName");
  const root = at(user, "type") === "Root" ? "root" : undefined;
  const issuer = at(user, "sessionContext", "sessionIssuer", "userName");
  const failed =
    text(log["errorCode"]) !== "" ||
    at(log, "responseElements", "ConsoleLogin") === "Failure" ||
    at(log, "serviceEventDetails", "UserAuthentication") === "Failure";
  return {
    actor: text(
      named,
      root,
      assumed,
      at(user, "invokedBy"),
      at(log, "additionalEventData", "UserName"),
      issuer,
      arn.split(/[:/]/).at(-1),
    ),
    address: ip(log["sourceIPAddress"]),
    operation: text(log["eventName"]),
    outcome: failed ? "failure" : "success",
  };
}

function gcp(log: Fields): Told {
  const payload = log["protoPayload"];
  const code = at(payload, "status", "code");
  const failed = (code !== undefined && Number(code) !== 0) || log["severity"] === "ERROR";
  const from =
    at(payload, "requestMetadata", "callerIp") ?? at(payload, "requestMetadata", "callerIP");
  const who = at(payload, "authenticationInfo");
  return {
    actor: text(at(who, "principalEmail"), at(who, "principalSubject")),
    address: ip(from),
    operation: text(at(payload, "metadata", "event", 0, "eventName"), at(payload, "methodName")),
    outcome: failed ? "failure" : "success",
  };
}

function azure(log: Fields): Told {
  const inner = at(log, "properties", "log");
  if (typeof inner === "string") {
    const event = Object(JSON.parse(inner));
    const operation = `${event.verb} ${text(at(event, "objectRef", "resource"))}`;
    const code = Number(at(event, "responseStatus", "code") ?? 0);
    return {
      ...kubernetes(event),
      operation,
      outcome: code >= 400 ? "failure" : code > 0 ? "success" : "unknown",
    };
  }
  const claims = at(log, "identity", "claims");
  const principal = at(log, "identity", "authorization", "evidence", "principalId");
  const upn = at(claims, "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn");
  const name = at(claims, "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name");
  const object = at(claims, "http://schemas.microsoft.com/identity/claims/objectidentifier");
  const result = text(
    log["resultType"],
    at(log, "status", "value"),
    log["statusText"],
    at(log, "properties", "metricResponseType"),
    log["statusCode"],
  ).toLowerCase();
  return {
    actor: text(log["caller"], upn, name, object, principal, at(claims, "appid")),
    address: ip(log["callerIpAddress"]),
    operation: text(at(log, "operationName", "value"), log["operationName"]),
    outcome: /^fail|denied|forbidden|^[45]\d\d$/.test(result)
      ? "failure"
      : /^(succe|accept|start|2\d\d$)/.test(result)
        ? "success"
        : "unknown",
  };
}

function entra(log: Fields): Told {
  const properties = log["properties"];
  if (text(log["category"]).endsWith("SignInLogs")) {
    const code = at(properties, "status", "errorCode") ?? log["resultType"];
    return {
      actor: text(
        at(properties, "userPrincipalName"),
        at(properties, "servicePrincipalName"),
        at(properties, "servicePrincipalId"),
      ),
      address: ip(at(properties, "ipAddress") ?? log["callerIpAddress"]),
      operation: "Sign-in activity",
      outcome: String(code) === "0" ? "success" : code === undefined ? "unknown" : "failure",
    };
  }
  const by = at(properties, "initiatedBy");
  const result = text(at(properties, "result"), log["resultType"]).toLowerCase();
  return {
    actor: text(
      at(by, "user", "userPrincipalName"),
      at(by, "user", "displayName"),
      at(by, "app", "displayName"),
      log["identity"],
    ),
    address: ip(at(by, "user", "ipAddress") ?? log["callerIpAddress"]),
    operation: text(at(properties, "activityDisplayName"), log["operationName"]),
    outcome: result.startsWith("succ")
      ? "success"
      : result.startsWith("fail")
        ? "failure"
        : "unknown",
  };
}

function m365(log: Fields): Told {
  const get = (name: string): unknown => log[name] ?? log[name.toLowerCase()];
  const operation = text(get("Operation"));
  const failed =
    operation === "UserLoginFailed" ||
    text(get("LogonError")) !== "" ||
    /^(fail|false)/i.test(text(get("ResultStatus")));
  return {
    actor: text(get("UserId")),
    address: ip(get("ActorIpAddress") ?? get("ClientIP")),
    operation,
    outcome: failed ? "failure" : "success",
  };
}

function github(log: Fields): Told {
  return {
    actor: text(log["actor"]),
    address: ip(log["actor_ip"]),
    operation: text(log["action"]),
    outcome: log["conclusion"] === "failure" ? "failure" : "success",
  };
}

function gitlab(log: Fields): Told {
  return {
    actor: text(log["author_name"]),
    address: ip(log["ip_address"]),
    operation: text(at(log, "detail", "custom_message")),
    outcome: "success",
  };
}

function okta(log: Fields): Told {
  const result = text(at(log, "outcome", "result"));
  const ended = {
    SUCCESS: "success",
    ALLOW: "success",
    FAILURE: "failure",
    DENY: "failure",
  } as const;
  const operation = text(log["eventType"], log["eventtype"]);
  return {
    actor: text(at(log, "actor", "alternateId"), at(log, "actor", "displayName")),
    address: ip(at(log, "client", "ipAddress") ?? at(log, "request", "ipChain", 0, "ip")),
    operation,
    outcome: Object.entries(ended).find(([name]) => name === result)?.[1] ?? "unknown",
  };
}

function workspace(log: Fields): Told {
  const name = text(log["name"], at(log, "events", 0, "name"));
  return {
    actor: text(at(log, "actor", "email"), at(log, "actor", "key")),
    address: ip(log["ipAddress"]),
    operation: name,
    outcome: name === "login_failure" ? "failure" : "success",
  };
}

function auth0(log: Fields): Told {
  const data = log["data"];
  const type = text(at(data, "type"));
  const failures = ["pwd_leak", "signup_pwd_leak", "limit_wc", "ferrt"];
  return {
    actor: text(
      at(data, "details", "request", "auth", "user", "email"),
      at(data, "user_name"),
      at(data, "client_name"),
    ),
    address: ip(at(data, "ip")),
    operation: type,
    outcome: failures.includes(type) ? "failure" : "success",
  };
}

function onelogin(log: Fields): Told {
  const type = text(log["event_type_id"]);
  return {
    actor: text(log["actor_user_name"]),
    address: ip(log["ipaddr"]),
    operation: type,
    outcome: type === "6" || type === "90" ? "failure" : "success",
  };
}

function slack(log: Fields): Told {
  const user = at(log, "actor", "user");
  return {
    actor: text(at(user, "email"), at(user, "name"), at(log, "actor", "app", "name")),
    address: ip(at(log, "context", "ip_address")),
    operation: text(log["action"]),
    outcome: "success",
  };
}

function kubernetes(log: Fields): Told {
  const code = Number(at(log, "responseStatus", "code") ?? 0);
  const decision = at(log, "annotations", "authorization.k8s.io/decision");
  const parts = [
    log["verb"],
    at(log, "objectRef", "resource"),
    at(log, "objectRef", "subresource"),
  ];
  const failed =
    code >= 400 || decision === "forbid" || at(log, "responseStatus", "status") === "Failure";
  return {
    actor: text(at(log, "user", "username")),
    address: ip(at(log, "sourceIPs", 0)),
    operation: parts.filter((part) => text(part) !== "").join(" "),
    outcome: failed ? "failure" : code > 0 || decision === "allow" ? "success" : "unknown",
  };
}

function duoSignIn(log: Fields): Told {
  return {
    actor: text(at(log, "user", "name")),
    address: ip(at(log, "access_device", "ip")),
    operation: text(log["event_type"]),
    outcome: log["result"] === "success" ? "success" : "failure",
  };
}

function duoAdmin(log: Fields): Told {
  const action = text(log["action"]);
  const inner = /"ip_address": ?"([^"]+)"/.exec(text(log["description"]))?.[1];
  return {
    actor: text(log["username"]),
    address: ip(inner),
    operation: action,
    outcome: action.endsWith("_error") ? "failure" : "success",
  };
}

function cloudflare(log: Fields): Told {
  return {
    actor: "",
    address: ip(log["ClientIP"]),
    operation: text(log["Action"]),
    outcome:
      log["Action"] === "block" || Number(log["EdgeResponseStatus"]) >= 400 ? "failure" : "success",
  };
}
