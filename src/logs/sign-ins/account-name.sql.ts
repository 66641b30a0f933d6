// Whose account a line in words speaks of.
import { quote } from "../../db/click-bind.ts";

const LABEL = String.raw`(?:sasl_username|target_?user(?:_?name)?|user[_ ]?name|user_?login|login_?name|uname|account[_ ]?(?:id|name)|user[_ ]?(?:id|email)|e-?mail(?:_address)?|principal|acct|cpanel user|user|login|account|identity|subject)`;
/** Quoted in any of the ways, an escaped quote of JSON among them. */
const QUOTED = String.raw`\\?["'\x60<\[({]+\\?["']?([^"'\x60<>\[\]{}\\]{1,256}?)\\?["'\x60>\])}]`;
const BARE = String.raw`([^\s"'\x60<>\[\](){},;:|=\\][^\s"'\x60<>\[\](){},;|=\\]*)`;

/** In this order; the first that gives a name. */
const PLACES: readonly string[] = [
  // for user x, of account x: said outright
  String.raw`(?i)\b(?:for|of|by|as) (?:invalid |unknown |the )?(?:user|account) ${BARE}`,
  // user="x", "username":"x", user=<x>, AccountID="x", user `x`
  String.raw`(?i)(?:^|[^A-Za-z0-9.-])${LABEL}\\?["']?\s?(?:[=:]|=>)?\s?${QUOTED}`,
  // user=x, username: x
  String.raw`(?i)(?:^|[^A-Za-z0-9.-])${LABEL}\s?(?:=|: ?|=>)\s?${BARE}`,
  // for user x, user "x" is what stands before
  String.raw`(?i)\b(?:user|account|username|login)s? ${BARE}`,
  // for 'x', for (x), using "x"
  String.raw`(?i)\b(?:for|using|of|by|as)(?: (?:user|account|login|invalid user|the user))?:? ${QUOTED}`,
  // failed: x (…, failed for x
  String.raw`(?i)(?:login|logon|sign[ -]?in|auth\w*) (?:failed|failure|error|denied|rejected|successful|succeeded|success): ${BARE} \(`,
  String.raw`(?i)\b(?:password|request|login|logon|sign[ -]?in|attempt|authentication|failure|failed|auth|publickey) (?:\w+ )?(?:for|of|by) ${BARE}`,
  // x failed to log in, x logged in
  String.raw`(?i)([^\s"'\x60<>\[\](){},;|=:]+)["'\x60]?(?: (?:[0-9]{1,3}\.){3}[0-9]{1,3}| [0-9A-Fa-f:]+)? (?:has |have |is now |is |was |just |successfully )*(?:failed to log ?in|logged in|signed in|authenticated)\b`,
  // an e-mail address, for want of anything else
  String.raw`([A-Za-z0-9.!#$%&*+/?^_{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)`,
];

/** What stands where a name would, and is none. */
const NO_NAMES: readonly string[] = [
  ..."a,an,the,and,or,from,with,at,in,on,to,by,is,was,has,had,have,not,no,of,for,that,this,than,as,be,been,it,its,if,we".split(
    ",",
  ),
  ..."name,names,id,ids,agent,user,users,username,usernames,account,accounts,login,logon,password,passwords,credentials,authentication".split(
    ",",
  ),
  ..."failed,failure,error,invalid,unknown,unknown_user,successful,success,attempt,attempts,does,did,doesn't,could,cannot,can,will,via,using".split(
    ",",
  ),
  ..."null,none,undefined,nil,n/a,(null),(none),--,-,-1,?,anonymous_user,true,false,ip,address,found,logged,tried,request,page,form".split(
    ",",
  ),
];

/** SQL, String: the account that the text names; empty where it names none. */
export function accountName(text: string): string {
  const told = PLACES.map((place) => `trim(both '.' from trim(extract(${text}, ${quote(place)})))`);
  const none = NO_NAMES.map(quote).join(", ");
  return `arrayFirst(x -> x != '' and lower(x) not in (${none}) and not isIPv4String(x) and not isIPv6String(x) and not match(x, '^[0-9:.,TZ-]+$'), [${told.join(", ")}])`;
}
