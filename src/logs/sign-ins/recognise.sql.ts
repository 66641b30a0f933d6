// The general recogniser: does a line of an application that has no format of its own tell of a sign-in, whose, from where, and how did
// it end? A look for words comes first; what costs more is computed where they stand.
import { quote } from "../../db/click-bind.ts";
import { accountName } from "./account-name.sql.ts";
import { ADDRESS_HINTS, clientAddress, holdsAddress, portAfter } from "./client-address.sql.ts";
import { ACTS, ATTEMPT, ENDS, FAILURE, REFUSED_REQUEST, SUCCESS } from "./phrases.ts";

/** Longer lines are looked at up to here: what tells of a sign-in says it early. */
const LOOKED_AT = 8000;

export type SignInSteps = {
  readonly told: string;
  readonly phrase: string;
  readonly who: string;
  readonly whence: string;
  readonly whence_port: string;
  readonly sign_in: string;
};

export type SignInOptions = {
  /** SQL, Bool, of texts that are known already. */
  readonly unless?: string;
  /** SQL, String, of the address where it is known from elsewhere. Then words are searched for one only where that is empty. */
  readonly known?: string;
};

/**
 * Steps over a text. `sign_in`: 2 where one failed, 1 where one succeeded, 3 where one was tried, 0 where the line tells of none; `who` the
 * account, `whence` the address, `whence_port` its port, each empty where it is not told. `whence` may be known without a sign-in.
 */
export function signInSteps(text: string, options: SignInOptions = {}): SignInSteps {
  const full = `if(${holdsAddress("told")}, ${clientAddress("told", "phrase > 0")}, '')`;
  return {
    told: String.raw`if(${options.unless ?? "false"}, '', replaceAll(toValidUTF8(substring(${text}, 1, ${LOOKED_AT})), '\\"', '"'))`,
    phrase: `if(${anyOf(ENDS)} and ${anyOf(ACTS)},
      multiIf(match(told, ${either(FAILURE)}), 2, match(told, ${either(REFUSED_REQUEST)}), 2, match(told, ${either(SUCCESS)}), 1, match(told, ${either(ATTEMPT)}), 3, 0), 0)`,
    who: `if(phrase > 0, ${accountName("told")}, '')`,
    whence:
      options.known === undefined
        ? full
        : `multiIf(${options.known} != '', ${options.known}, phrase > 0 or multiMatchAny(told, [${ADDRESS_HINTS.map(quote).join(", ")}]), ${full}, '')`,
    whence_port: `if(whence = '', '', ${portAfter("told", "whence")})`,
    // Words alone may speak of sign-ins in general.
    sign_in: "if(who = '' and whence = '', 0, phrase)",
  };
}

function anyOf(words: readonly string[]): string {
  return `multiMatchAny(told, [${words.map((word) => quote(`(?i)${word}`)).join(", ")}])`;
}

function either(patterns: readonly string[]): string {
  return quote(`(?i)(?:${patterns.join("|")})`);
}
