// What mail servers write, by what they mean. Lower case, spaces single; the first that matches counts, so the narrow stand before the wide.
import type { Reason } from "./reason.ts";

function any(...phrases: readonly string[]): RegExp {
  return new RegExp(phrases.join("|"));
}

/** Words that mean one thing wherever they stand: a provider's own codes, and what a mail system says of its own users. */
export const CERTAIN: readonly (readonly [Reason, RegExp])[] = [
  [
    "userunknown",
    any(
      "(ofr|lpn)\\w*_41[68]",
      "recipient address rejected: access denied",
      "unable to deliver message to <[^>]*> \\(and other recipients in the same domain",
      "recipient name is not recognized|not listed in (public name|domino directory)|ディレクトリのリストにありません",
      "error: invalid user address",
      "^\\((<[^>]*>[. ]*)?(user unknown|unknown user|no such user|user not)",
      "^5\\d\\d:? <[^>]*>: user unknown( ---|$)",
    ),
  ],
  ["mailboxfull", any("(ofr|lpn)\\w*_417")],
  ["networkerror", any("^dns error: .*(nxdomain|servfail|timeout|lookup of)")],
  ["notaccept", any("indicated no smtp service|null ?mx")],
  ["spamdetected", any("rejected due to spam (url in )?(classification|content)")],
  ["notcompliantrfc", any("messages with multiple .*addresses in from")],
  ["contenterror", any("duplicate header")],
  ["systemerror", any("contact ldap|ldap server")],
  ["badreputation", any("\\[ts[su]\\d\\d\\]|due to ip reputation")],
  ["blocked", any("client host blocked|banned sending ip")],
  ["mesgtoobig", any("line limit exceeded")],
  ["rejected", any("groups\\.google\\.com/support|are not (a )?member")],
];

export const PHRASES: readonly (readonly [Reason, RegExp])[] = [
  [
    "mailboxfull",
    any(
      "(mailbox|mailfolder|inbox|mail ?box) (is |has been |already )?full",
      "full mailbox",
      "over ?(the |its |disk |allowed |temporarily |their )*quota",
      "quota (has been |is |usage |limit )?(exceed|violation|full)",
      "exceed(s|ed|ing)? (their|its|his|the|your|mailbox|user|disk|storage|file ?system)?( mailbox)? ?(disk )?(quota|storage|space)",
      "(userdisk|domaindisk|disc|disk|mail|storage) quota",
      "(mailbox|account|user|recipient)\\S* (has |would |is )?(exceed|over)[a-z]* (the |its |maximum |allowed |local |disk |storage |size )*(limit|quota|storage|space|size)",
      "exceeded storage allocation",
      "mailbox size limit exceeded",
      "(does not have|not) enough (storage )?space",
      "not enough disk space",
      "(space|storage) (has been |is )?(used up|full)",
      "too (much mail data|many messages (on the server|in))",
      "boite du destinataire pleine",
      "casella (e' |di posta )?piena",
      "mail file size exceeds the maximum size allowed for mail delivery",
      "resolver\\.adr\\.quota|recipient storage full|insufficient mailbox storage",
      "would be over the allowed",
      "exceeding receiving limits",
      "ofr_417|lpn007_417",
    ),
  ],
  [
    "mesgtoobig",
    any(
      "(message|mail|e-?mail|file|content)( file| header)? (size|length)? ?(is )?too (big|large|long)",
      "(message|mail|file) ?(size|length) (limit )?(exceed|is over|larger)",
      "exceed(s|ed|ing)? (the |fixed |our |a |its )*(maximum|max|size|allowed)[a-z ]*(message|mail|inbound|size)",
      "(max|maximum) (message|mail) (size|length) exceeded",
      "size limit",
      "too large for this",
      "message length exceeds administrative limit",
      "larger than the (current |maximum )",
      "message size exceeds",
    ),
  ],
  [
    "exceedlimit",
    any("message header size|exceeds (per-mailbox|mailbox) (message )?limit|message too large for"),
  ],
  [
    "suspend",
    any(
      "(account|mailbox|user|recipient|address|domain) (that you tried to reach )?(is |has been |was |currently |is currently |service )*(suspend|disabled|deactivated|frozen|locked|inactive|closed|blocked due to inactivity)",
      "suspend(ed)? (the service|account|user)|account suspended",
      "temporar(y|ily) (locked|inactive|suspended)",
      "deactivated (mailbox|account)|inactive (user|account|mailbox)",
      "invalid/inactive user",
      "boite du destinataire (archivee|archive)",
      "disabled or discontinued",
      "not active anymore|no longer active",
      "mailbox unavailable or access denied",
    ),
  ],
  [
    "hasmoved",
    any(
      "has been replaced by|has moved|have moved|changed (his|her|their|its) (e-?mail )?address|no longer on server|moved to (a )?new address|new (e-?mail )?address is",
    ),
  ],
  [
    "requireptr",
    any(
      "ptr[ -]?(resource )?record",
      "reverse[ -](dns|lookup|hostname)|rdns",
      "cannot find your (reverse )?hostname|cannot resolve your address|unresolvable relay host|ip name lookup failed",
      "(corresponding )?forward dns entry does not",
      "domain \\S+ mismatches client ip",
      "dns lookup failure: \\S+ try again later",
      "custom reverse dns",
      "no reverse dns|unverifyable sending ips",
      "generic dns",
    ),
  ],
  [
    "authfailure",
    any(
      "dmarc",
      "\\bspf\\b|sender policy framework",
      "\\bdkim\\b",
      "unauthenticated (e-?mail|mail|message)",
      "5\\.7\\.26",
      "does(n't| not) pass authentication|authentication (information|checks|results)",
    ),
  ],
  [
    "virusdetected",
    any("virus|malware|infected|trojan|worm (found|detected)|mcspamsignature\\.(sa|vir)"),
  ],
  [
    "norelaying",
    any(
      "relay(ing)? (access |mail )?(is )?(denied|not permitted|prohibited|not allowed)",
      "(not|unable) (allowed |permitted |able )?to relay|not allowed to relay",
      "(isn't|is not) in my list of allowed rcpthosts?",
      "insecure mail relay|relaying (mail )?(to|for|denied|prohibited)|we do not relay|no relaying|not a gateway|relay not permitted",
      "requires authentication when attempting to send to a non-local",
    ),
  ],
  [
    "toomanyconn",
    any(
      "too many (concurrent |simultaneous |smtp )*(connections|sessions|errors from|smtp sessions)",
      "connection (rate |frequency )?limit",
      "(exceeded|exceeds) (the )?(max emails per hour|maximum connection|per-domain connection|connection)",
      "(ip |connection )frequency limited|frequency limit",
      "trop de connexions|all available ips are at maximum",
      "aup#(in|out|i|o)-1[3-5]\\d\\d",
      "throttling failure",
      "too many recipients",
    ),
  ],
  [
    "speeding",
    any(
      "rate limit|ratelimit|too (fast|quickly|frequent)|receiving (mail )?(at a rate|too quickly)|sending too (much|many)|unusual rate|please try again slower|mail (sent )?too (fast|much)|greylist.*rate|messages? per (hour|minute|day)",
    ),
  ],
  [
    "badreputation",
    any(
      "reputation|bad ip|low sender score|senderbase|poor reputation|too many spam(s)? from (this|your) ip",
    ),
  ],
  [
    "rejected",
    any(
      "sender (address |domain |email address )?(was |is |has been )?(rejected|denied|not (pre-?approved|accepted|allowed)|is spammer|blocked|invalid|unknown|empty)",
      "(reject|block|refus|den)[a-z]* (the |your )?sender",
      "access denied \\(in reply to mail from",
      "administrative prohibition",
      "backscatter protection|batv",
      "bogus mail from|null sender|empty envelope sender|<> (invalid|sender)",
      "sender verif(y|ication) fail",
      "(unroute?able|invalid) sender|domain of sender",
      "(from|sender)(:)? (domain|address)[a-z ]*(invalid|does not exist|not found|must exist)",
      "e-?mail address is not verified|not pre-approved",
      "mail from not owned|returned mail not accepted|no third-party dsns|unsigned dsn",
      "fully qualified e-?mail address required",
      "emetteur invalide|delivery not authorized, message refused",
      "mx records for |recursive cname",
      "you are sending to/from an address that has been blacklisted",
      "rejected by the recipient domain's policy on senders",
    ),
  ],
  [
    "hostunknown",
    any(
      "(host|domain|mail domain)( name)?( or domain name)?( \\S+)?? (was |is |could )?(not found|unknown|does not exist|not be found|not known|must exist|mentioned in e-?mail address is unknown)(?!,? try again)",
      "unknown (host|domain)|no such (host|domain)|host or domain name not found|name or service not known|nodename nor servname",
      "unrou?te?able address|illegal host/domain|domain (is )?(not reachable|must exist)|host unreachable",
      "the account or domain may not exist|non-?existent domain|nxdomain|can'?t find any host named|couldn't find any host|sorry, i couldn't find",
      "invalid domain|bad destination host|domain is not valid",
    ),
  ],
  [
    "spamdetected",
    any(
      "\\bspam\\b(?!cop|haus)|spamassassin|spam-like|spammy|anti-?spam",
      "unsolicited|bulk (e-?)?mail|\\bube\\b|\\buce\\b",
      "content (filter|denied|rejected)|banned content|unacceptable content|rejecting mail content|mail content denied",
      "message (content )?(filtered|looks like|was classified)",
      "detected your message as|our system has detected that this message",
      "high probability|blacklisted url|uribl|surbl|recurrent pattern|reject, id=|mail rejete\\. mail rejected",
      "(reject|refus)[a-z]* bulk|blocked by our bulk",
    ),
  ],
  [
    "blocked",
    any(
      "black ?list|block ?list|\\brbl\\b|dnsbl|spamhaus|spamcop|sorbs|barracuda(networks|central)|listed (at|in|on|by) \\S+\\.\\S+|proofpoint\\.com/dnsbl",
      "(ip|address|host|server|network|domain|sender|connection)( address)?[^.]{0,60} (is |has been |was |are )?(temporarily )?(blocked|banned|dynamic)",
      "blocked (by|for|due|because|using|ip|at)",
      "client host (\\S+ )?(rejected|blocked)|helo (command )?rejected|(ehlo|helo) (is )?(invalid|rejected|not)",
      "connections? (will not be accepted|not accepted|dropped|refused by|rejected|denied|reset by peer|was dropped by remote)",
      "not (currently )?accepting (mail|messages|connections) from|no access from mail server|access from ip address",
      "dynamic (ip|address)|open proxy|go away|not allowed to (connect|send mail from)|confirm this mail server|requires confirmation",
      "temporarily deferred|please use the smtp server of your isp|looks suspiciously like spammer|refused to talk to me",
      "invalid ip for sending|temporarily rejected|due to user complaints|unusual (traffic|activity)",
    ),
  ],
  [
    "userunknown",
    any(
      "(user|recipient|address|account|mailbox|mail ?box|addressee|destinatario|person|customer|alias|local[ -]part|e-?mail)[a-z]*( name| address| account)?[^.;]{0,80}? (is |was |are |has |does |did |do |could )?(un ?known|not? ?found|not exist|doesn'?t exist|non-?existent|not (be )?(found|known|recogni[sz]ed|listed|valid|present|accepted|active|local|available|ok)|no longer (valid|exists|available|accepts)|n'existe pas|inconnue?|unrecogni[sz]ed)",
      "(unknown|invalid|no such|bad|illegal|non-?existent|undeliverable|unavailable|incorrect|no valid|nonexistent|unrecogni[sz]ed|missing|not an active|no) (e-?mail )?(user|recipient|address|account|mailbox|mail ?box|local[ -]part|person|addressee|destination|name|customer|alias|virtual user|rcpt)",
      "(does|did)( not|n'?t) (exist|have (a|an) \\S* ?account)|not (a|our) (valid |known |local )?(user|recipient|customer|address|mailbox|account)|user missing home directory",
      "no (mailbox|account|one|user|mail box|such)[a-z ]*(here|by that|available|at this|with that|found|address)",
      "recipient (was |is |has been )?(rejected|refused|denied|invalid|unknown|not)|recipient address rejected(\\.( \\(|$)|: (user|unknown|invalid|undeliverable|no such))|(?<!recipient )(?<!sender )address(es)? (was |were )?rejected|(server )?rejected recipients?",
      "bad ?rcpt ?to|badrecipientto|validrcptto|envelope recipient (is|has)|can'?t accept user|unknown user|user unknown|vdeliver: invalid",
      "mailbox (is )?(unavail?able|inactive|invalid|not)|mailbox unavailable|account unavailable|(address|recipient) unknown|this address no longer|resolver\\.adr\\.(recip|exrecip|recipient)[a-z]* ?(not ?found)?",
      "adresse d au moins un destinataire invalide|nessun utente|no existe|utilisateur inconnu|not listed in|in name directory|wrong or no longer valid|couldn't be found|could not be found|unable to find recipient|not in (the |our )?(directory|list)|is not a known user|directory entry|recipient name is not recognized|the following recipients? (was|were) undeliverable",
    ),
  ],
  [
    "filtered",
    any(
      "(blocked|refused|rejected|filtered) by (the )?recipient|recipient preferences|only accepting mail from|is not accepting any mail|user reject|protected by|extended inactivity|restricted sms|notauthorized|bounced address|refuse to receive|has restricted|domain specific rejection|rejected by user",
    ),
  ],
  [
    "policyviolation",
    any(
      "polic(y|ies)|illegal attachment|members?[ -]only|closed mailing list|header (are|error|is) ?(not accepted)?|multiple addresses|mass mailer|captcha|not subscribed|organizational settings|potential(ly)? (security|dangerous)|attachment|not permitted to (post|send)|protocol violation|given low priority",
    ),
  ],
  [
    "notcompliantrfc",
    any(
      "(not|violat)[^.]{0,40}\\brfc|rfc ?[25]32[12]|rfc ?282[12]|not (rfc )?compliant|bare (lf|cr|newline)|missing (required )?header|single from header",
    ),
  ],
  [
    "securityerror",
    any(
      "authenticat|tls required|certificate|encryption|credentials|verification failure|not authorized|unauthori[sz]ed|executable files|starttls|security (violation|policy|reasons)",
    ),
  ],
  [
    "notaccept",
    any(
      "(host|domain|host/domain|server) (does not|doesn't|not) accept(s|ing)? (any )?(mail|messages)|no mx record|null mx|name server: \\.|smtp protocol returned a permanent error|does not accept mail",
    ),
  ],
  [
    "networkerror",
    any(
      "routing loop|mail (forwarding )?loop|too many hops|hop count|looping|forwarding loop|no route to host|network (error|is unreachable|unreachable)|host is unreachable|name server (reply|failure)|host not found, try again|unable to resolve|dns (records|error)|unrouteable mail domain|could ?n[o']t connect|connection (refused|reset|lost)|lost connection|could not connect",
    ),
  ],
  [
    "expired",
    any(
      "host not reachable|failed \\d+ attempts|connection timed out|operation timed out|timed? ?out|time ?expired|delivery time|giving up|too long|queue (period|lifetime|time)|server did not respond|retry (time|timeout)|expired|no answer|could not find a gateway|not been collected|has not been delivered|for more than \\d+ (minutes|hours|days)|could not be delivered for|will be retried|still being retried|delayed|within the allowed",
    ),
  ],
  [
    "systemfull",
    any(
      "(system|file ?system|disk|server)[a-z ]* (is )?full|mail system full|insufficient (system )?(storage|disk)|no space left|requested mail action aborted: exceeded",
    ),
  ],
  [
    "systemerror",
    any(
      "system (config|error|failure)|(local|internal|server|mail system|mail server) (configuration )?(error|problem)|configuration error|misconfigur|loops back to (me|myself)|would create a mail loop|interrupted system call|file write error|service (is )?(currently )?(unavailable|not available)|temporar(y|ily) (local )?(problem|failure|error|unavailable)|encountered an error|can't create (user )?output|ldap|local error|database|i/o error|deferred because|timeout waiting|aliasing/forwarding loop|transaction failed|unexpected error",
    ),
  ],
  [
    "contenterror",
    any(
      "malformed|improper|8-?bit|header (field|line)|mime (error|structure)|charset|body (is )?(not|type)|nested|not (well )?formed|content[ -]type|empty message|charset|line (is )?too long|message (format|has no)",
    ),
  ],
  [
    "mailererror",
    any(
      "command (failed|died|line|returned)|exit (status|code)|procmail|x-unix|pipe|delivery program|child (status|process)|mailer (error|failed|process)|\\|/",
    ),
  ],
];
