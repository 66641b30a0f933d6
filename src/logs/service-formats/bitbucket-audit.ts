// Bitbucket Data Center's audit log: the file and the REST API. https://confluence.atlassian.com/bitbucketserver/audit-log-events-776640423.html
import type { Format } from "../format.ts";
import { isText, jsonFields, jsonReads } from "../json-reads.ts";
import { kindByVerb, kindOf, kindColumns } from "../kinds.ts";
import { firstThere, pairValue, utcTime } from "../sql-words.ts";
import { epochTime } from "../time.sql.ts";

const { steps, at } = jsonReads({
  time: "timestamp",
  action: "auditType.action",
  category: "auditType.category",
  author: "author.name",
  authorId: "author.id",
  from: "source",
  method: "method",
  names: "affectedObjects[].name",
  ids: "affectedObjects[].id",
  types: "affectedObjects[].type",
  extraNames: "extraAttributes[].name",
  extraValues: "extraAttributes[].value",
  system: "system",
});

const extra = (name: string): string => pairValue(at.extraNames, at.extraValues, name);
const SECONDS = `concat(JSONExtractRaw(told, 'epochSecond'), '.', leftPad(JSONExtractRaw(told, 'nano'), 9, '0'))`;
const AFFECTED_USER = `${at.names}[indexOf(arrayMap(x -> lower(x), ${at.types}), 'user')]`;

const KIND = kindOf(
  `lower(${at.action})`,
  {
    logon: [
      "user login failed",
      "user login failed(ssh)",
      "user login failed(rest)",
      "user logged in",
      "user login",
      "user authentication succeeded",
      "user authentication failed",
    ],
    logoff: ["user logged out"],
    "account-create": ["user created"],
    "account-delete": ["user deleted"],
    "account-other": ["user updated", "user renamed"],
    "password-reset": ["user password reset", "password reset", "password reset requested"],
    "password-change": ["user password changed", "password changed"],
    "group-create": ["group created"],
    "group-delete": ["group deleted"],
    "group-add": ["user added to group"],
    "group-remove": ["user removed from group"],
    "privilege-grant": [
      "global permission granted",
      "project permission granted",
      "repository permission granted",
    ],
    "privilege-revoke": [
      "global permission removed",
      "project permission removed",
      "repository permission removed",
    ],
  },
  kindByVerb(`lower(${at.action})`, "entity"),
);

export const bitbucketAudit: Format = {
  name: "bitbucket-audit",
  about: "Bitbucket Data Center audit log",
  records: { by: "json", inside: ["entities"] },
  json: true,
  claims: isText("auditType", "action"),
  rank: 60,
  steps: {
    ...steps,
    failed: `match(${at.action}, '(?i)fail|unauthori[sz]ed')`,
    kind: KIND,
  },
  // Of the file it is an object of seconds and nanoseconds.
  time: `if(startsWith(told, '{'), ${epochTime(SECONDS)}, ${utcTime("told")})`,
  product: "bitbucket",
  category: "",
  service: "audit",
  columns: {
    ...kindColumns("kind"),
    status_id: "if(failed, 2, 1)",
    actor_user_name: at.author,
    actor_user_uid: at.authorId,
    user_name: `if(kind in ('logon', 'logoff'), ${firstThere([AFFECTED_USER, extra("username"), at.author])}, ${AFFECTED_USER})`,
    auth_protocol: at.method,
    src_endpoint_ip: `trimBoth(splitByChar(',', ${at.from})[1])`,
    api_service_name: at.category,
    api_operation: at.action,
    resource_type: `${at.types}[1]`,
    resource_uid: firstThere([`${at.names}[1]`, `${at.ids}[1]`]),
    device_hostname: `domain(${at.system})`,
  },
  fieldPlaces: jsonFields(),
};
