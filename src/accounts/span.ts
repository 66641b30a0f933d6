import { z } from "zod";
import { TocsinError } from "../core/errors.ts";

/** One moment, with its zone; in a span, the first is in it and the last is not. */
export const Instant = z.iso.datetime({ offset: true });

export type Span = { readonly from: Date | undefined; readonly to: Date };

/** @throws TocsinError `invalid` where it ends before it begins */
export function spanOf({
  from,
  to,
  now,
}: {
  from: string | undefined;
  to: string | undefined;
  now: Date;
}): Span {
  const span = {
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? now : new Date(to),
  };
  if (span.from !== undefined && span.from >= span.to)
    throw new TocsinError("invalid", "the span ends before it begins: turn the two times around");
  return span;
}

/** SQL, Bool: an event is in the span. Takes the parameters `from` and `to`. */
export function inSpanSql({ from }: Span): string {
  return `${from === undefined ? "" : "time >= {from:DateTime64(6)} and "}time < {to:DateTime64(6)}`;
}
