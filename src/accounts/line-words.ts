import type { Place } from "../logs/places/places-of.ts";
import type { AccountLine } from "./show-account.ts";
import type { Family } from "./families.ts";

type Told = Pick<
  AccountLine,
  | "family"
  | "activity_id"
  | "activity_name"
  | "status_id"
  | "status_detail"
  | "operation"
  | "method"
  | "things"
  | "thing"
  | "role"
  | "other"
  | "second_factor"
>;

const FAILED = 2;
const INTERRUPTED = 0;

/** What a line of a timeline tells, in words; what a log says stands in it as it is, so whoever prints it makes it printable. */
export function lineWords(line: Told): string {
  const failed = line.status_id === FAILED;
  const said = failed && line.status_detail !== "" ? ` (${line.status_detail})` : "";
  const factor = line.second_factor === "yes" ? ", with a second factor" : "";
  const who = { self: "", to: ` of ${line.other}`, by: `, by ${line.other}` }[line.role];
  return `${actWords(line)}${factor}${who}${failed && line.family !== "sign-in" ? ", refused" : ""}${said}`;
}

/** What was done, without who and how it ended. */
function actWords(line: Told): string {
  const act = ACTS[line.family]?.[line.activity_id];
  if (line.family === "sign-in" && act !== undefined)
    return line.status_id === FAILED
      ? "sign-in refused"
      : line.status_id === INTERRUPTED
        ? "sign-in, its end not told"
        : act;
  return act ?? [verbOf(line), thingsOf(line)].filter((word) => word !== "").join(" ");
}

const ACTS: Readonly<Partial<Record<Family, Readonly<Record<number, string>>>>> = {
  "sign-in": { 1: "signed in" },
  "sign-out": { 2: "signed out" },
  token: { 3: "ticket issued", 4: "ticket for a service issued" },
  password: { 3: "password changed", 4: "password reset" },
  "second-factor": { 10: "second factor added", 11: "second factor removed" },
  account: {
    1: "account created",
    2: "account enabled",
    5: "account disabled",
    6: "account deleted",
    7: "policy attached",
    8: "policy detached",
    9: "account locked",
    12: "account unlocked",
  },
};

function verbOf({ family, operation, method, activity_name: activity }: Told): string {
  if (family === "request") return method === "" ? "request" : method;
  if (operation !== "") return operation;
  return activity === "" || activity === "Other" ? family : activity.toLowerCase();
}

function thingsOf({ things, thing }: Told): string {
  if (thing === "") return "";
  return things === 1 ? thing : `${things.toLocaleString("en-US")} different: ${thing} …`;
}

/** `NL, AS64500 Example Networks`; empty where nothing is known. */
export function placeWords(place: Place | undefined): string {
  if (place === undefined) return "";
  const network = place.asNumber === 0 ? "" : `AS${place.asNumber} ${place.asName}`.trim();
  return [place.country, network].filter((word) => word !== "").join(", ");
}
