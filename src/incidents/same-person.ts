/**
 * Whether two names may be one person: `alice` at a terminal and `alice@example.org` among the signers. Where both have a
 * domain, it counts.
 */
export function samePerson(one: string, other: string): boolean {
  const [a, b] = [one.trim().toLowerCase(), other.trim().toLowerCase()];
  if (a.includes("@") && b.includes("@")) return a === b;
  return a.split("@")[0] === b.split("@")[0];
}
