// Where a line in words says that someone came from. An application that was told an `X-Forwarded-For` names two addresses: the
// one that it calls the client is taken.
import { quote } from "../../db/click-bind.ts";

const V4 = String.raw`(?:[0-9]{1,3}\.){3}[0-9]{1,3}`;
const V6 = String.raw`[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]*:[0-9A-Fa-f]{0,4}(?:(?:\.[0-9]{1,3}){3})?`;
/** What may stand between a label and its address: quotes, brackets, `[AF_INET]`, `IPV4/UDP/`. */
const DRESS = String.raw`[\s"'\x60\\(\[<]{0,4}(?:\[AF_INET6?\]|IPV[46]/\w+/|tcp:|udp:)?\[?`;
const ADDRESS = String.raw`(${V4}|${V6})`;

const LABELS = String.raw`(?:rhost|rip|remip|x?clie?nt[_ -]?(?:ip|addr(?:ess)?|host)?|remote[_ -]?(?:ip(?:[_ -]?addr(?:ess)?)?|addr(?:ess)?|host|peer)?|(?:source|src|request|user|visitor|caller|origin|peer|host|login|sender|attacker)[_ -]?(?:ip(?:[_ -]?addr(?:ess)?)?|addr(?:ess)?)|source|src|srcip|ip[_ -]?addr(?:ess)?|callingstationid|calling-station-id|raddr|peer|host)`;

/** In this order: a label that means a client, "from …" and its like, a label that may mean anything, the beginning of the line. */
const PLACES: readonly string[] = [
  String.raw`(?i)(?:^|[^A-Za-z0-9])${LABELS}(?:["'\]]|\\")?\s?(?:=>?|:|\s|["(\[])${DRESS}${ADDRESS}`,
  String.raw`(?i)\b(?:from|by|van|von|desde|da|de|depuis)(?: (?:the |an? |private |public |remote |client |unknown )*(?:ip(?: address)?|address|host|client|user))?[:=]?\s?(?:[\w.-]+ )?${DRESS}${ADDRESS}`,
  String.raw`(?i)(?:^|[^A-Za-z0-9_])(?:ip|addr(?:ess)?|client)(?: is)?["']?\s?[:=]?${DRESS}${ADDRESS}`,
  String.raw`(?:@\[?|\b[\w.-]+\[)${ADDRESS}\]`,
  String.raw`^(?:[^0-9A-Za-z]{0,3}[0-9]{4}[-/][0-9-/]{5}[T ]+[0-9:.,]{7,16}[Z\]]?(?: ?UTC\]?)?\s*)?[\s\[(<]{0,3}${ADDRESS}(?:[\s\])>|,:]|$)`,
  String.raw`\((${V4}|${V6})(?: ->|\)|, )`,
];

const ANY = String.raw`(?:^|[^0-9A-Za-z.:_-])(${V4}|${V6})(?:[^0-9A-Za-z_]|$)`;

/** SQL, Bool: might an address stand in the text at all? */
export function holdsAddress(text: string): string {
  return `match(${text}, ${quote(String.raw`(?:[0-9]{1,3}\.){3}[0-9]|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]*:[0-9A-Fa-f]`)})`;
}

/** SQL, String: who came, where the text says so; empty where it does not. `eager`: any address is better than none. */
export function clientAddress(text: string, eager: string): string {
  const told = PLACES.map((place) => `extract(${text}, ${quote(place)})`);
  return `arrayFirst(x -> ${isAddress("x")}, arrayConcat([${told.join(", ")}], if(${eager}, extractAll(${text}, ${quote(ANY)}), [])))`;
}

/** SQL, String: the port that stands after the address; empty without one. */
export function portAfter(text: string, address: string): string {
  return `if(${address} = '', '', extract(substring(${text}, position(${text}, ${address}) + length(${address}), 24), ${quote(String.raw`^[\])]?(?::|/|,? port[ =]|\[)([0-9]{1,5})\b`)}))`;
}

function isAddress(text: string): string {
  return `(isIPv4String(${text}) or isIPv6String(${text}))`;
}
