// Where a line in words says that someone came from. An application that was told an `X-Forwarded-For` names two addresses: the
// one that it calls the client is taken.
import { quote } from "../../db/click-bind.ts";

const V4 = String.raw`(?:[0-9]{1,3}\.){3}[0-9]{1,3}`;
const V6 = String.raw`[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]*:[0-9A-Fa-f]{0,4}(?:(?:\.[0-9]{1,3}){3})?`;
const ADDRESS = String.raw`(${V4}|${V6})`;
/** What may stand between a label and its address: quotes, brackets, `[AF_INET]`, `IPV4/UDP/`. */
const DRESS = String.raw`[\s"'\x60\\(\[<]{0,4}(?:\[AF_INET6?\]|IPV[46]/\w+/|tcp:|udp:|tcp4:|udp4:)?\[?`;
/** A name that the address has, before it: `from localhost (127.0.0.1)`. */
const NAME = String.raw`(?:[\w.-]*[A-Za-z][\w.-]*\s{0,2}[([]|[\w.-]*[A-Za-z_][\w.-]*\s)?`;

const IP = String.raw`(?:ip(?:[_ -]?addr(?:ess)?)?|addr(?:ess)?)`;
const LABELS = String.raw`(?:rhost|rip|remip|rem_ip|x?client[_ -]?(?:${IP}|host)?|remote[_ -]?(?:${IP}|host|peer)?|(?:source|src|request|user|visitor|caller|origin|peer|login|sender|attacker|host|real|actual|connecting)[_ -]?${IP}|source|src|srcip|calling-?station-?id|raddr|peer|host|cip|c-ip)`;
/** `2026-11-25 10:00:00,123`, in brackets or not, with a zone or not. */
const CLOCK = String.raw`[^0-9A-Za-z]{0,3}[0-9]{4}[-/][0-9-/]{5}[T ]+[0-9:.,]{5,18}(?:Z| ?UTC| ?[-+][0-9]{2}:?[0-9]{2})?\]?`;

/** A label that means a client. */
const LABELLED = String.raw`(?i)(?:^|[^A-Za-z0-9])${LABELS}(?:["'\]]|\\")?\s?(?:=>?|:|\s|["(\[])${DRESS}${ADDRESS}`;

/** In this order; the first that gives an address. */
const PLACES: readonly string[] = [
  // PAN-OS: the source is the eighth of its values
  String.raw`,(?:TRAFFIC|THREAT|SYSTEM|CONFIG|GLOBALPROTECT|USERID|AUTHENTICATION|HIPMATCH|DECRYPTION),[^,]*,[^,]*,[^,]*,${ADDRESS},`,
  // Exchange's IMAP and POP: server, client
  String.raw`^[^,]{20,32},[0-9A-F]{16},[0-9]+,[^,]*,\[?${ADDRESS}`,
  // an application that names the client behind its proxy beside the proxy
  String.raw`(?i)\(x-(?:forwarded-for|real-ip):\s?${DRESS}${ADDRESS}`,
  LABELLED,
  // an access log's line within another
  String.raw`(?:^|\s)${ADDRESS} \S+ \S+ \[[0-9]{2}/[A-Z][a-z]{2}/`,
  // the line, or what follows its time, begins with it
  String.raw`^(?:${CLOCK}\s*)?[\s\[(<]{0,3}${ADDRESS}(?:[\s\])>|,:]|$)`,
  // from …, in a few languages
  String.raw`(?i)\b(?:from|by|van|von|desde|da|de|depuis)(?: (?:the |an? |private |public |remote |client |unknown |host )*(?:ip(?: address)?|address|host|client|user))?[:=]?\s{0,2}${NAME}${DRESS}${ADDRESS}`,
  // a label that may mean anything
  String.raw`(?i)(?:^|[^A-Za-z0-9_])(?:ip|addr(?:ess)?|client)(?: is)?["']?\s?[:=]?${DRESS}${ADDRESS}`,
  // unknown[192.0.2.1], (?@192.0.2.1), user@192.0.2.1
  String.raw`(?:@\[?|\b[\w.-]+\[)${ADDRESS}[\])]`,
  // (192.0.2.1), (192.0.2.1 -> …)
  String.raw`\(${ADDRESS}(?: ->|\)|, |:[0-9]{1,5}\))`,
];

/** Of which one fits where it is worth to look for an address in a record whose keys name none. */
export const ADDRESS_HINTS: readonly string[] = [
  String.raw`(?i)(?:client|source|src|remote|peer|visitor|origin)[a-z_ -]{0,16}["'\]:=\[( ]{1,6}[0-9a-f:]{1,4}[.:]`,
  String.raw`[0-9a-f] [^ ]+ [^ ]+ \[[0-9]{2}/[A-Z][a-z]{2}/`,
];

const ANY = String.raw`(?:^|[^0-9A-Za-z.:_-])${ADDRESS}(?:[^0-9A-Za-z_]|$)`;

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
  return `if(${address} = '', '', extract(substring(${text}, position(${text}, ${address}) + length(${address}), 24), ${quote(String.raw`^(?:[\])]?(?::|/|,? port[ =])([0-9]{1,5})\b|\[([0-9]{1,5})\])`)}))`;
}

function isAddress(text: string): string {
  return `(isIPv4String(${text}) or isIPv6String(${text}))`;
}
