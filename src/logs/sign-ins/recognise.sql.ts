// The general recogniser: does a line of an application that has no format of its own tell of a sign-in, whose, from where, and how did
// it end? A look for words comes first; what costs more is computed where they stand.
import { quote } from "../../db/click-bind.ts";
import { accountName } from "./account-name.sql.ts";
import { clientAddress, holdsAddress, portAfter } from "./client-address.sql.ts";
import { ATTEMPT, FAILURE, REFUSED_REQUEST, STEMS, SUCCESS } from "./phrases.ts";

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

/**
 * Steps over a text. `sign_in`: 2 where one failed, 1 where one succeeded, 3 where one was tried, 0 where the line tells of none; `who` the account, `whence`
 * the address, `whence_port` its port, each empty where it is not told. `whence` may be known without a sign-in. `unless` is SQL, Bool, of
 * records that are known already.
 */
export function signInSteps(text: string, unless = "false"): SignInSteps {
  return {
    told: String.raw`if(${unless}, '', replaceAll(substring(${text}, 1, ${LOOKED_AT}), '\\"', '"'))`,
    phrase: `if(multiSearchAnyCaseInsensitive(told, [${STEMS.map(quote).join(", ")}]),
      multiIf(match(told, ${either(FAILURE)}), 2, match(told, ${either(REFUSED_REQUEST)}), 2, match(told, ${either(SUCCESS)}), 1, match(told, ${either(ATTEMPT)}), 3, 0), 0)`,
    who: `if(phrase > 0, ${accountName("told")}, '')`,
    whence: `if(${holdsAddress("told")}, ${clientAddress("told", "phrase > 0")}, '')`,
    whence_port: `if(whence = '', '', ${portAfter("told", "whence")})`,
    // Words alone may speak of sign-ins in general.
    sign_in: "if(who = '' and whence = '', 0, phrase)",
  };
}

function either(patterns: readonly string[]): string {
  return quote(`(?i)(?:${patterns.join("|")})`);
}
