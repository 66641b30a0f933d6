// What an event of a service is about, as OCSF says it: a format names a kind for each of the service's own operations, and
// class, activity and its caption follow.
import { quote } from "../db/click-bind.ts";
import { CLASS } from "./event-columns.ts";

type OcsfActivity = readonly [classUid: number, activityId: number, caption: string];

/** kind → class, activity, the activity's caption in OCSF 1.x. 99 is OCSF's "Other". */
const KINDS = {
  logon: [CLASS.authentication, 1, "Logon"],
  logoff: [CLASS.authentication, 2, "Logoff"],
  ticket: [CLASS.authentication, 3, "Authentication Ticket"],
  "service-ticket": [CLASS.authentication, 4, "Service Ticket Request"],
  "account-switch": [CLASS.authentication, 7, "Account Switch"],
  "authentication-other": [CLASS.authentication, 99, "Other"],
  "account-create": [CLASS.account_change, 1, "Create"],
  "account-enable": [CLASS.account_change, 2, "Enable"],
  "password-change": [CLASS.account_change, 3, "Password Change"],
  "password-reset": [CLASS.account_change, 4, "Password Reset"],
  "account-disable": [CLASS.account_change, 5, "Disable"],
  "account-delete": [CLASS.account_change, 6, "Delete"],
  "policy-attach": [CLASS.account_change, 7, "Attach Policy"],
  "policy-detach": [CLASS.account_change, 8, "Detach Policy"],
  "account-lock": [CLASS.account_change, 9, "Lock"],
  "mfa-enable": [CLASS.account_change, 10, "MFA Factor Enable"],
  "mfa-disable": [CLASS.account_change, 11, "MFA Factor Disable"],
  "account-unlock": [CLASS.account_change, 12, "Unlock"],
  "account-other": [CLASS.account_change, 99, "Other"],
  "entity-create": [CLASS.entity_management, 1, "Create"],
  "entity-read": [CLASS.entity_management, 2, "Read"],
  "entity-update": [CLASS.entity_management, 3, "Update"],
  "entity-delete": [CLASS.entity_management, 4, "Delete"],
  "entity-other": [CLASS.entity_management, 99, "Other"],
  "privilege-grant": [CLASS.user_access, 1, "Assign Privileges"],
  "privilege-revoke": [CLASS.user_access, 2, "Revoke Privileges"],
  "group-add": [CLASS.group_management, 3, "Add User"],
  "group-remove": [CLASS.group_management, 4, "Remove User"],
  "group-delete": [CLASS.group_management, 5, "Delete"],
  "group-create": [CLASS.group_management, 6, "Create"],
  "resource-create": [CLASS.web_resource, 1, "Create"],
  "resource-read": [CLASS.web_resource, 2, "Read"],
  "resource-update": [CLASS.web_resource, 3, "Update"],
  "resource-delete": [CLASS.web_resource, 4, "Delete"],
  "resource-export": [CLASS.web_resource, 7, "Export"],
  "resource-share": [CLASS.web_resource, 8, "Share"],
  "api-create": [CLASS.api, 1, "Create"],
  "api-read": [CLASS.api, 2, "Read"],
  "api-update": [CLASS.api, 3, "Update"],
  "api-delete": [CLASS.api, 4, "Delete"],
  "api-other": [CLASS.api, 99, "Other"],
  traffic: [CLASS.network, 6, "Traffic"],
  "http-connect": [CLASS.http, 1, "Connect"],
  "http-delete": [CLASS.http, 2, "Delete"],
  "http-get": [CLASS.http, 3, "Get"],
  "http-head": [CLASS.http, 4, "Head"],
  "http-options": [CLASS.http, 5, "Options"],
  "http-post": [CLASS.http, 6, "Post"],
  "http-put": [CLASS.http, 7, "Put"],
  "http-trace": [CLASS.http, 8, "Trace"],
  "http-other": [CLASS.http, 99, "Other"],
  "dns-query": [CLASS.dns, 1, "Query"],
  "dns-response": [CLASS.dns, 2, "Response"],
  "dns-traffic": [CLASS.dns, 6, "Traffic"],
  "email-other": [CLASS.email, 99, "Other"],
  "process-launch": [CLASS.process, 1, "Launch"],
  "file-other": [CLASS.file, 99, "Other"],
  other: [CLASS.base, 99, "Other"],
} as const satisfies Readonly<Record<string, OcsfActivity>>;

export type Kind = keyof typeof KINDS;

/** SQL, String: the literal of a kind. */
export function kind(name: Kind): string {
  return quote(name);
}

/** SQL of a kind by an operation's exact name; `otherwise` is SQL. */
export function kindOf(
  operation: string,
  names: Readonly<Partial<Record<Kind, readonly string[]>>>,
  otherwise: string,
): string {
  const pairs = Object.entries(names).flatMap(([of, all]) => all.map((name) => [name, of]));
  const twice = pairs.find(
    ([name], index) => pairs.findIndex(([other]) => other === name) !== index,
  );
  if (twice) throw new RangeError(`${twice[0]} has two kinds`);
  const from = pairs.map(([name = ""]) => quote(name)).join(", ");
  const to = pairs.map(([, of = ""]) => quote(of)).join(", ");
  return `transform(${operation}, [${from}], [${to}], ${otherwise})`;
}

/** SQL of a kind by the verb that an operation's name or a part of it starts with: `DeleteUser`, `storage.objects.get`, `…/write`. */
export function kindByVerb(operation: string, of: "api" | "entity"): string {
  return `multiIf(
    ${hasVerb(operation, DELETES)}, ${kind(`${of}-delete`)}, ${hasVerb(operation, CREATES)}, ${kind(`${of}-create`)},
    ${hasVerb(operation, UPDATES)}, ${kind(`${of}-update`)}, ${hasVerb(operation, READS)}, ${kind(`${of}-read`)},
    ${kind(`${of}-other`)})`;
}

// Either the whole word in any case, or what camel case continues: ADDRESS does not add.
function hasVerb(operation: string, verbs: string): string {
  const camel = verbs.replaceAll(/(?<=^|\|)[a-z]/g, (first) => `[${first.toUpperCase()}${first}]`);
  const pattern = `(?:^|[._/: -])(?:(?i:${verbs})(?:[^A-Za-z]|$)|(?:${camel})[A-Z])`;
  return `match(${operation}, ${quote(pattern)})`;
}

const DELETES = "delete[ds]?|remove[ds]?|destroy(?:ed)?|terminate[ds]?|purge[ds]?|revoke[ds]?";
const CREATES =
  "create[ds]?|new|install(?:ed)?|add(?:ed)?|insert(?:ed)?|register(?:ed)?|run|upload(?:ed)?|import(?:ed)?|invite[ds]?";
const UPDATES =
  "update[ds]?|modify|modified|change[ds]?|patch(?:ed)?|put|set|write|edit(?:ed)?|attach(?:ed)?|detach(?:ed)?|enable[ds]?|disable[ds]?|start(?:ed)?|stop(?:ped)?|tag|untag|associate|disassociate|authorize|rename[ds]?|restore[ds]?|activate[ds]?|deactivate[ds]?|assign(?:ed)?|grant(?:ed)?|move[ds]?";
const READS =
  "get|list(?:ed)?|describe|head|read|view(?:ed)?|lookup|search(?:ed)?|select|scan|query|batchget|download(?:ed)?|access(?:ed)?|watch|export(?:ed)?|clone[ds]?|fetch(?:ed)?|test";

/** SQL of the three columns that follow from a step of that name, which holds a kind. */
export function kindColumns(step: string): {
  readonly class_uid: string;
  readonly activity_id: string;
  readonly activity_name: string;
} {
  const all = Object.entries(KINDS);
  const names = all.map(([name]) => quote(name)).join(", ");
  const column = (values: readonly string[], otherwise: string): string =>
    `transform(${step}, [${names}], [${values.join(", ")}], ${otherwise})`;
  return {
    class_uid: column(
      all.map(([, [classUid]]) => String(classUid)),
      "0",
    ),
    activity_id: column(
      all.map(([, [, activity]]) => String(activity)),
      "99",
    ),
    activity_name: column(
      all.map(([, [, , caption]]) => quote(caption)),
      "''",
    ),
  };
}
