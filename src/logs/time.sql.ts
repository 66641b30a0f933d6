// Times as logs write them, as SQL: Nullable(DateTime64(6, 'UTC')), null where a text is none of them. A time that names no zone is
// of `{zone:String}`. Each text stands several times in the SQL and is computed once.

/**
 * Of a text: ISO 8601 (also with a space, a comma before the fraction), RFC 1123, RFC 5424, Apache's CLF, asctime, 12-hour clocks,
 * `2026/11/25`, zones by their usual letters, or a count of s, ms, µs or ns since 1970. A time of day alone is none.
 */
export function anyTime(text: string): string {
  return firstOf(
    text,
    `if(match(${text}, '^-?[0-9]{9,}(?:[.][0-9]*)?$'), ${epochTime(text)}, ${unusualTime(text)})`,
  );
}

/** Of a text with a date in it: as `anyTime`, without counts since 1970. */
export function writtenTime(text: string): string {
  return firstOf(text, unusualTime(text));
}

// A year first is what nearly all times begin with, and needs one look: five times as quick as asking each what it is.
function firstOf(text: string, otherwise: string): string {
  const first = `substring(${text}, 5, 1) in ('-', '/') and not startsWith(${text}, '0000') and ${parsed(text)} is not null`;
  return `if(${first}, ${parsed(text)}, ${otherwise})`;
}

/** Of a text or number since 1970, with or without a fraction: s, ms, µs or ns by its size. */
export function epochTime(value: string): string {
  const text = `toString(${value})`;
  const count = `toInt64OrNull(extract(${text}, '^(-?[0-9]{1,18})(?:[.].*)?$'))`;
  // Digits of a fraction, by text: a Float64 holds no microseconds of our time.
  const fraction = `toInt64OrZero(rightPad(extract(${text}, '^-?[0-9]+[.]([0-9]{1,6})'), 6, '0'))`;
  const nanos = `toInt64OrNull(extract(${text}, '^-?[0-9]{19}'))`;
  return `multiIf(
    ${count} is null, ${micros(`intDiv(${nanos}, 1000)`)},
    abs(${count}) < 100000000000, ${micros(`${count} * 1000000 + ${fraction}`)},
    abs(${count}) < 100000000000000, ${micros(`${count} * 1000 + intDiv(${fraction}, 1000)`)},
    abs(${count}) < 100000000000000000, ${micros(count)}, ${micros(`intDiv(${count}, 1000)`)})`;
}

function micros(count: string): string {
  return `fromUnixTimestamp64Micro(${count}, 'UTC')`;
}

function unusualTime(text: string): string {
  return `if(match(${text}, ${HAS_DATE}), ${parsed(usual(text))}, null)`;
}

/** `10/Oct/2000:13:55:36 -0700`, without its brackets. */
export function clfTime(text: string): string {
  return parsed(
    String.raw`concat(substring(${text}, 1, 2), ' ', substring(${text}, 4, 3), ' ', substring(${text}, 8, 4), ' ', substring(${text}, 13))`,
  );
}

/**
 * RFC 3164: `Nov  3 10:00:00`, whose year is the last in which it is at most a day after `{now}`; also with a fraction and with a
 * year of its own.
 */
export function syslogTime(text: string): string {
  const of = (ago: number): string =>
    parsed(
      String.raw`concat(substring(${text}, 1, 6), ' ', toString(toYear({now:DateTime64(6)}) - ${ago}), ' ', substring(${text}, 8))`,
    );
  const soon = "addDays({now:DateTime64(6)}, 1)";
  // Only a leap day has none in most years.
  return `multiIf(not match(${text}, '^[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]+)?$'), ${writtenTime(text)},
    ifNull(${of(0)} <= ${soon}, false), ${of(0)}, ${of(1)} is not null, ${of(1)}, ${of(2)} is not null, ${of(2)},
    ${of(3)} is not null, ${of(3)}, ${of(4)})`;
}

/** What a format says is the time, in bounds: 0 is what machines without a clock say, and the year 9999 means never. */
export function usableTime(time: string): string {
  return `if(${time} between toDateTime64('1970-01-01 00:00:00.000001', 6, 'UTC') and toDateTime64('2261-12-31 23:59:59', 6, 'UTC'), ${time}, null)`;
}

const HAS_DATE = String.raw`'[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}|[0-9]{8}T|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)'`;

/** Zones by the letters that logs name them with; those that mean two offsets are as in North America. */
const ZONES: Readonly<Record<string, string>> = {
  GMT: "+0000",
  UTC: "+0000",
  WET: "+0000",
  WEST: "+0100",
  BST: "+0100",
  CET: "+0100",
  CEST: "+0200",
  EET: "+0200",
  EEST: "+0300",
  MSK: "+0300",
  EST: "-0500",
  EDT: "-0400",
  CST: "-0600",
  CDT: "-0500",
  MST: "-0700",
  MDT: "-0600",
  PST: "-0800",
  PDT: "-0700",
  JST: "+0900",
  KST: "+0900",
  AEST: "+1000",
  AEDT: "+1100",
};

// What the engine's parser does not know: the year 0, CLF, a comma before the fraction, a zone's letters.
function usual(text: string): string {
  const clf = String.raw`replaceRegexpOne(${text}, '(\\d{1,2})/([A-Z][a-z]{2})/(\\d{4}):', '\\1 \\2 \\3 ')`;
  const comma = String.raw`replaceRegexpOne(${clf}, ',([0-9])', '.\\1')`;
  const letters = Object.keys(ZONES).map((zone) => `'${zone}'`);
  const offsets = Object.values(ZONES).map((offset) => `' ${offset}'`);
  const zone = `transform(extract(${comma}, ' ?([A-Z]{3,5})$'), [${letters.join(", ")}], [${offsets.join(", ")}], '')`;
  return String.raw`multiIf(match(${text}, '^\\W*0000'), '', ${zone} = '', ${comma}, concat(replaceRegexpOne(${comma}, ' ?[A-Z]{3,5}$', ''), ${zone}))`;
}

function parsed(text: string): string {
  return `toTimeZone(parseDateTime64BestEffortOrNull(${text}, 6, {zone:String}), 'UTC')`;
}
