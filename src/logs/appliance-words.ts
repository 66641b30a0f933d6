// How appliances name what happened: in a few words of their own that tell the kind of an event and how it ended.
import { kind } from "./kinds.ts";

/** SQL, String: a kind by the words of an operation; a request by its URL, traffic where an address is all that is told. */
export function eventKind(
  words: string,
  of: { readonly url: string; readonly from: string },
): string {
  const says = (pattern: string): string => `match(${words}, '(?i)${pattern}')`;
  return `multiIf(
    ${says("log ?(?:ged )?(?:out|off)\\\\b|logoff|session (?:end|closed|terminated)|ssl-exit|tunnel-down")}, ${kind("logoff")},
    ${says("password (?:was )?(?:changed|reset|updated)|(?:change|reset)[sd]? (?:the |a |of )?password")}, ${kind("password-change")},
    ${says("log ?(?:ged )?[io]n\\\\b|log-?on\\\\b|sign[- ]?(?:ed )?[io]n\\\\b|authenticat|tunnel-up|ssl-new-con|\\\\bauth\\\\b")}, ${kind("logon")},
    ${of.url} != '', ${kind("http-other")}, ${of.from} != '', ${kind("traffic")}, ${kind("other")})`;
}

/** SQL, UInt8 of `status_id`, by words in which a result or an action is told. */
export function outcome(words: string): string {
  return `multiIf(
    match(${words}, '(?i)fail|den(?:y|ied)|block|drop|reject|refus|error|invalid|unauthori[sz]ed|forbidden|reset|timeout|deadlock'), 2,
    match(${words}, '(?i)succe|allow|accept|pass|permit|granted|\\\\bok\\\\b|logged in|tunnel-up|\\\\bclose\\\\b'), 1, 0)`;
}
