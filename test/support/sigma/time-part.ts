const DAY_MS = 86_400_000;

/** A part of a time in UTC; undefined where the text is no ISO 8601 time. `week` is that of ISO 8601. */
export function timePart(
  text: string,
  part: "minute" | "hour" | "day" | "week" | "month" | "year",
): number | undefined {
  const time = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text) ? new Date(withZone(text)) : undefined;
  if (time === undefined || Number.isNaN(time.getTime())) return undefined;
  const parts = {
    minute: time.getUTCMinutes(),
    hour: time.getUTCHours(),
    day: time.getUTCDate(),
    week: isoWeek(time),
    month: time.getUTCMonth() + 1,
    year: time.getUTCFullYear(),
  };
  return parts[part];
}

const withZone = (text: string): string => (/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);

/** The week that holds this day's Thursday, counted from the year's first. */
function isoWeek(time: Date): number {
  const day = Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate());
  const thursday = day + (3 - ((time.getUTCDay() + 6) % 7)) * DAY_MS;
  const newYear = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1);
  return Math.floor((thursday - newYear) / DAY_MS / 7) + 1;
}
