// JSON that has one spelling only: RFC 8785 (JCS). Digests and leaves are taken over it.

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * Keys sorted by UTF-16 code units, numbers and strings as ECMAScript writes them (RFC 8785, 3.2.2 and 3.2.3).
 * @throws RangeError for a number that JSON cannot hold (NaN, Infinity) and for a lone surrogate.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new RangeError(`JSON has no ${value}`);
    return JSON.stringify(value);
  }
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new RangeError("a lone surrogate has no canonical form");
    return JSON.stringify(value);
  }
  if (isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.keys(value)
    .toSorted()
    .map((key) => {
      const member = value[key];
      return member === undefined ? undefined : `${canonicalJson(key)}:${canonicalJson(member)}`;
    })
    .filter((member) => member !== undefined);
  return `{${members.join(",")}}`;
}

// `Array.isArray` narrows a readonly array to `any[]`; this keeps the element type.
function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
