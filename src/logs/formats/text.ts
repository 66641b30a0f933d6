import { quote } from "../../db/click-bind.ts";
import type { Format } from "../format.ts";
import { messageColumns, messageFieldPlaces, messageSteps } from "../message-columns.ts";
import { anyTime, syslogTime } from "../time.sql.ts";

const DAY = String.raw`[0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}`;
const HOUR = String.raw`[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:[.,][0-9]{1,9})?`;
const ZONE = String.raw`(?: ?(?:Z\b|UTC\b|GMT\b|[-+][0-9]{2}:?[0-9]{2}\b))?`;
const STAMPS = [
  String.raw`${DAY}(?:T| {1,2}| - )${HOUR}${ZONE}`,
  // Apache's and C's: Mon Oct 11 09:01:35.123 2026
  String.raw`[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]?[0-9] ${HOUR}(?: [A-Z]{3,4})? [0-9]{4}`,
  String.raw`[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}[: ]${HOUR}${ZONE}`,
  String.raw`[0-9]{1,2}[ -][A-Z][a-z]{2}[ -][0-9]{4} ${HOUR}${ZONE}`,
  String.raw`[A-Z][a-z]{2} [ 0-9]?[0-9],? [0-9]{4},? ${HOUR}(?: [AP]M)?`,
  String.raw`[0-9]{2}/[0-9]{2}/[0-9]{4},? ${HOUR}(?: [AP]M)?`,
  String.raw`[0-9]{2}[.][0-9]{2}[.][0-9]{4},? ${HOUR}`,
  // without a year
  String.raw`[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]+)?`,
];
const STAMP = `(?:${STAMPS.join("|")})`;
/** What may stand before the time: a container's name, brackets, a level, a tag. */
const BEFORE = String.raw`(?:[\w./-]{1,64}\s+\| )?(?:[^0-9A-Z]{0,3}|[^\n]{0,80}?[\s\[(="'\x60@])`;

const stamp = `extract(left(raw, 400), ${quote(`^${BEFORE}(${STAMP})`)})`;
const american = String.raw`replaceRegexpOne(stamp, '^([0-9]{2})/([0-9]{2})/([0-9]{4}),? ', '\\3-\\1-\\2 ')`;
const european = String.raw`replaceRegexpOne(stamp, '^([0-9]{2})[.]([0-9]{2})[.]([0-9]{4}),? ', '\\3-\\2-\\1 ')`;
const ginned = String.raw`replaceRegexpOne(replaceOne(stamp, ' - ', ' '), '^([0-9]{4})[.]([0-9]{2})[.]([0-9]{2})', '\\1-\\2-\\3')`;
/** Between the time and the message: brackets, a host and a process, as FTP servers without a syslog write. */
const BETWEEN = String.raw`^[\s\])|,:-]*(?:[\w.-]+ [\w-]+\[[0-9]+\]:? )?`;

/** Lines of any application: nothing is known of them but a time that stands in them, and what they say of sign-ins in words. */
export const text: Format = {
  name: "text",
  about: "lines of any application; sign-ins that they tell of in words are recognised",
  records: { by: "line" },
  json: false,
  claims: "false",
  rank: 0,
  steps: {
    stamp,
    clock: `multiIf(match(stamp, '^[0-9]{2}/[0-9]{2}/'), ${american}, match(stamp, '^[0-9]{2}[.]'), ${european}, ${ginned})`,
    message: `if(stamp = '', raw, replaceRegexpOne(substring(raw, position(raw, stamp) + length(stamp)), ${quote(BETWEEN)}, ''))`,
    ...messageSteps({ program: "''", message: "message", words: "raw" }),
  },
  time: `if(match(clock, '^[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:'), ${syslogTime("clock")}, ${anyTime("clock")})`,
  product: "",
  category: "",
  service: "",
  columns: messageColumns("raw"),
  fieldPlaces: messageFieldPlaces,
};
