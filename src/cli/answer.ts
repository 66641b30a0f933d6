/**
 * The answer of a verb, typed. The CLI and the routes are one program of one version and the server made this JSON from
 * that very type; dates have become text, so only types that hold none are asked for.
 */
// oxlint-disable-next-line no-unnecessary-type-parameters -- the guarantee above is stated here once for all commands
export function answer<Result>(value: unknown): Result {
  return value as Result;
}
