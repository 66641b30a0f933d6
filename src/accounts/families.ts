// What an account's events are about, in the words in which an investigation asks: one family an event.
import { quote } from "../db/click-bind.ts";
import { CLASS } from "../logs/event-columns.ts";

type FamilyMeans = {
  /** What one who had the account could have caused, for the list of what no source records; undefined where that says nothing. */
  readonly access: string | undefined;
  /** SQL, Bool, over `class_uid` and `activity_id`. The first that holds. */
  readonly is: string;
};

const of = (...classes: readonly number[]): string => `class_uid in (${classes.join(", ")})`;

export const FAMILIES = {
  "sign-out": { access: undefined, is: `${of(CLASS.authentication)} and activity_id = 2` },
  token: {
    access: "tokens and tickets that were issued",
    is: `${of(CLASS.authentication)} and activity_id in (3, 4)`,
  },
  "sign-in": { access: "sign-ins", is: of(CLASS.authentication) },
  password: {
    access: "password resets and changes",
    is: `${of(CLASS.account_change)} and activity_id in (3, 4)`,
  },
  "second-factor": {
    access: "second factors: asked for, added, removed",
    is: `${of(CLASS.account_change)} and activity_id in (10, 11)`,
  },
  account: { access: "changes of the account", is: of(CLASS.account_change) },
  privileges: {
    access: "privileges and groups",
    is: of(CLASS.user_access, CLASS.group_management),
  },
  document: {
    access: "documents, mailboxes and pages that were read, shared or exported",
    is: of(CLASS.web_resource, CLASS.web_resource_access, CLASS.file),
  },
  database: { access: "queries of databases", is: of(CLASS.datastore) },
  administration: { access: "administration", is: of(CLASS.entity_management) },
  api: { access: "calls of an API", is: of(CLASS.api) },
  request: { access: "requests to web servers", is: of(CLASS.http) },
  mail: { access: "mail that was sent", is: of(CLASS.email) },
  machine: {
    access: "commands and connections on machines",
    is: of(CLASS.process, CLASS.network, CLASS.dns),
  },
  other: { access: undefined, is: "true" },
} as const satisfies Readonly<Record<string, FamilyMeans>>;

export type Family = keyof typeof FAMILIES;
export const FAMILY_NAMES = Object.keys(FAMILIES) as [Family, ...Family[]];

const MEANT = Object.entries(FAMILIES).filter(([name]) => name !== "other");

/** SQL, String: the family of an event. */
export const FAMILY_SQL = `multiIf(${MEANT.map(([name, { is }]) => `${is}, ${quote(name)}`).join(", ")}, 'other')`;

/** SQL, UInt8: its place in `FAMILY_NAMES`. */
export const FAMILY_PLACE_SQL = `toUInt8(multiIf(${MEANT.map(([name, { is }]) => `${is}, ${FAMILY_NAMES.findIndex((one) => one === name)}`).join(", ")}, ${FAMILY_NAMES.indexOf("other")}))`;
