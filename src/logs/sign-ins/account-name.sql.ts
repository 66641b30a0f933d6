// Whose account a line in words speaks of.
import { quote } from "../../db/click-bind.ts";

const LABEL = String.raw`(?:sasl_username|target_?user(?:_?name)?|user[_ ]?name|user_?login|login_?name|uname|account[_ ]?(?:id|name)|user[_ ]?(?:id|email)|e-?mail(?:_address)?|principal|acct|user|login|account|identity|subject)`;
/** Quoted in any of the ways, an escaped quote of JSON among them. */
const QUOTED = String.raw`\\?["'\x60<\[(]+\\?["']?([^"'\x60<>\[\]{}\\]{1,256}?)\\?["'\x60>\])}]`;
const BARE = String.raw`([^\s"'\x60<>\[\](){},;:|=\\][^\s"'\x60<>\[\](){},;|=\\]*)`;
const ADDRESS = String.raw`(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*)`;

type Place = {
  readonly pattern: string;
  /** Where a name surely stands: what would be a word of the sentence elsewhere is one, as `user` or `login` are. */
  readonly sure: boolean;
};

const sure = (pattern: string): Place => ({ pattern, sure: true });
const likely = (pattern: string): Place => ({ pattern, sure: false });

/** In this order; the first that gives a name. */
const PLACES: readonly Place[] = [
  // 192.0.2.1 - x "POST /login
  sure(String.raw`${ADDRESS} - ([^\s"]+) "[A-Z]{3,7} /`),
  // Exchange's IMAP and POP: the client, then its name
  sure(String.raw`^[^,]{20,32},[0-9A-F]{16},[0-9]+,[^,]*,[^,]*,([^,]+),`),
  // for user x, of account x: said outright
  likely(String.raw`(?i)\b(?:for|of|by|as) (?:invalid |unknown |the )?(?:user|account) ${BARE}`),
  // user="x", "username":"x", user=<x>, AccountID="x", user `x`
  sure(String.raw`(?i)(?:^|[^A-Za-z0-9.-])${LABEL}(?:\\?["']?\s?(?:=>?|:)\s?|\s)${QUOTED}`),
  // user=x, username: x
  likely(String.raw`(?i)(?:^|[^A-Za-z0-9.-])${LABEL}\s?(?:=|: ?|=>)\s?${BARE}`),
  likely(String.raw`(?i)\b(?:user|account|username)s? ${BARE}`),
  // for 'x', for (x), using "x"
  sure(
    String.raw`(?i)\b(?:for|using|of|by|as)(?: (?:user|account|login|invalid user|the user))?:? ${QUOTED}`,
  ),
  // failed: x (…, failed for x
  likely(
    String.raw`(?i)(?:login|logon|sign[ -]?in|auth\w*) (?:failed|failure|error|denied|rejected|successful|succeeded|success): ${BARE} \(`,
  ),
  likely(
    String.raw`(?i)\b(?:password|request|login|logon|sign[ -]?in|attempt|authentication|failure|failed|auth|publickey) (?:\w+ )?(?:for|of|by) ${BARE}`,
  ),
  // x failed to log in, x logged in
  likely(
    String.raw`(?i)([^\s"'\x60<>\[\](){},;|=:]+)["'\x60]?(?: ${ADDRESS})? (?:has |have |is now |is |was |just |successfully )*(?:failed to log ?in|logged in|signed in|authenticated)\b`,
  ),
  // an e-mail address, for want of anything else
  likely(
    String.raw`([A-Za-z0-9.!#$%&*+/?^_{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})`,
  ),
];

const NOBODY = words(
  "null none undefined nil n/a (null) (none) -- - -1 ? unknown unknown_user anonymous_user",
);

/** Words of a sentence. */
const WORDS = [
  ...words("a an the and or from with at in on to by is was has had have not no of for that this"),
  ...words("than as be been it its if we will via using does did doesn't could cannot can"),
  ...words("name names id ids agent user users username usernames account accounts login logon"),
  ...words("password passwords credentials credential authentication authenticated failed failure"),
  ...words("error invalid successful success attempt attempts true false ip address found logged"),
  ...words("tried trying request requests page form access session sessions denied locked blocked"),
];

function words(text: string): string[] {
  return text.split(" ");
}

/** SQL, String: the account that the text names; empty where it names none. */
export function accountName(text: string): string {
  // A name of several words is told once for each place: the first place with a name decides.
  const told = PLACES.map(
    ({ pattern, sure: surely }) =>
      `arrayFirst(x -> ${isName(surely)}, arrayMap(x -> ${TRIMMED}, extractAll(${text}, ${quote(pattern)})))`,
  );
  return `arrayFirst(x -> x != '', [${told.join(", ")}])`;
}

// The end of a sentence and the sign after a name are no part of it.
const TRIMMED = "trim(both '.:' from trim(x))";

function isName(surely: boolean): string {
  const none = (surely ? NOBODY : [...NOBODY, ...WORDS]).map(quote).join(", ");
  return `match(x, '[0-9A-Za-z]|[^\\\\x00-\\\\x7F]') and lower(x) not in (${none}) and not isIPv4String(x) and not isIPv6String(x) and not match(x, '^[0-9]{1,4}[-:/.][0-9:.,TZ/-]+$')`;
}
