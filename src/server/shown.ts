/** A log's text on a page: what turns the direction of the text around, or is not seen, is seen. Markup is escaped by `html`. */
export function shown(value: string): string {
  return value.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
}
