// The time that a line of any application begins with, in whichever form, and what is left of the line after it.
import { quote } from "../db/click-bind.ts";
import { anyTime, syslogTime } from "./time.sql.ts";

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

const american = String.raw`replaceRegexpOne(stamp, '^([0-9]{2})/([0-9]{2})/([0-9]{4}),? ', '\\3-\\1-\\2 ')`;
const european = String.raw`replaceRegexpOne(stamp, '^([0-9]{2})[.]([0-9]{2})[.]([0-9]{4}),? ', '\\3-\\2-\\1 ')`;
/** `2026/11/25 - 10:00:00`, `2026.11.25` */
const plain = String.raw`replaceRegexpOne(replaceOne(stamp, ' - ', ' '), '^([0-9]{4})[.]([0-9]{2})[.]([0-9]{2})', '\\1-\\2-\\3')`;
/** Between the time and the message: brackets, a host and a process, as FTP servers without a syslog write. */
const BETWEEN = String.raw`^[\s\])|,:-]*(?:[\w.-]+ [\w-]+\[[0-9]+\]:? )?`;

type TextClock = {
  readonly steps: { readonly stamp: string; readonly clock: string; readonly message: string };
  /** SQL, Nullable(DateTime64(6, 'UTC')). */
  readonly time: string;
};

/** Steps over the name of a text: `stamp` as it stands there, `message` what follows it. */
export function textClock(text: string): TextClock {
  return {
    steps: {
      stamp: `extract(left(${text}, 400), ${quote(`^${BEFORE}(${STAMP})`)})`,
      clock: `multiIf(match(stamp, '^[0-9]{2}/[0-9]{2}/'), ${american}, match(stamp, '^[0-9]{2}[.]'), ${european}, ${plain})`,
      message: `if(stamp = '', ${text}, replaceRegexpOne(substring(${text}, position(${text}, stamp) + length(stamp)), ${quote(BETWEEN)}, ''))`,
    },
    time: `if(match(clock, '^[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:'), ${syslogTime("clock")}, ${anyTime("clock")})`,
  };
}
