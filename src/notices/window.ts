/** When it happened, in the language, in UTC: `25 April 2019, 16:40–17:10 UTC`. */
export function windowIn(
  language: string,
  window: { readonly from: string; readonly to: string },
): string {
  const [from, to] = [new Date(window.from), new Date(window.to)];
  const day = { dateStyle: "long", timeZone: "UTC" } as const;
  const time = new Intl.DateTimeFormat(language, {
    timeStyle: "short",
    timeZone: "UTC",
    hourCycle: "h23",
  });
  const oneDay =
    window.from.length > 0 && from.toISOString().slice(0, 10) === to.toISOString().slice(0, 10);
  const dates = new Intl.DateTimeFormat(language, day);
  if (oneDay)
    return `${dates.format(from)}, ${time.formatRange(from, to)} UTC`.replaceAll(
      /[\u2009\u202F]/g,
      " ",
    );
  return dates.formatRange(from, to).replaceAll(/[\u2009\u202F]/g, " ");
}
