// What containers put around a line: CRI's time, stream and tag; Compose's name and bar; Docker's JSON.

const CRI = String.raw`'^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[-+][0-9]{2}:[0-9]{2}) (?:stdout|stderr) [FP] '`;
const COMPOSE = String.raw`'^[\\w./-]{1,80} +\\| '`;

/** SQL, Bool: is there such a wrapping? */
export function isWrapped(text: string): string {
  return `(match(${text}, ${CRI}) or match(${text}, ${COMPOSE}) or (startsWith(${text}, '{') and JSONType(${text}, 'log') = 'String' and JSONType(${text}, 'stream') = 'String'))`;
}

/** SQL, String: the line without it. */
export function unwrapped(text: string): string {
  return `multiIf(startsWith(${text}, '{'), trimRight(JSONExtractString(${text}, 'log')), match(${text}, ${CRI}), replaceRegexpOne(${text}, ${CRI}, ''),
    replaceRegexpOne(${text}, ${COMPOSE}, ''))`;
}

/** SQL, String: the time that the wrapping tells; empty for Compose, which tells none. */
export function wrappedTime(text: string): string {
  return `multiIf(startsWith(${text}, '{'), JSONExtractString(${text}, 'time'), match(${text}, ${CRI}), splitByChar(' ', left(${text}, 80))[1], '')`;
}
