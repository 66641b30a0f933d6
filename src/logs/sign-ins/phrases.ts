// The words in which applications tell of a sign-in and how it ended. RE2, any case.

const ACT = String.raw`(?:log[ -]?(?:in|on)|sign[ -]?[io]n|authenticat(?:ion|e|ing)|authorization|auth|credentials?|password|passwd|passphrase|passcode|one-time code|otp|mfa|2fa|totp|verification)`;
const WORD = String.raw`[\w@.:='"\x60<>()\[\]/&+-]+`;
const FEW = String.raw`(?:[\s,;:|]+${WORD}){0,8}?[\s,;:|."'(]+`;
const FAILED = String.raw`(?:fail(?:ed|ure|s|ing)?|denied|rejected|refused|unsuccessful(?:ly)?|invalid|incorrect|mismatch|wrong|unauthori[sz]ed|unauthenticated|blocked|banned|not (?:allowed|valid|correct|match(?:ed)?|accepted)|(?:did|does|do) not match|doesn'?t match|error)\b`;
const BAD = String.raw`\b(?:fail(?:ed|ure)?(?: to| in| of)?|unsuccessful(?:ly)?|invalid|incorrect|wrong|bad|mismatched|unauthori[sz]ed|unable to|could ?n[o']t|cannot|can't)`;

/** Told in one word, as programs name it. */
const NAMES = String.raw`LOGIN_ERROR|LOGIN_FAIL(?:ED|URE)?|login[-_.]fail(?:ed|ure)?|AUTH(?:ENTICATION)?[-_ ]?(?:ERROR|FAIL(?:ED|URE)?)\b|auth[-_]fail(?:ed|ure)?|ChallengeResponseFailed|InvalidAccountID|InvalidPassword|invalid_(?:credentials|password|grant|user|login)|badPassword|bad_password|user_not_found|invalid_user_credentials|FailedLogin|Logon(?:Denied|Failure)|failed_login|failed_invalid_password|login_attempt_failed|sign_in_failed|ssl-login-fail`;

/** In other languages of the web interfaces that write their logs translated. */
const ABROAD = String.raw`mislukte (?:login|aanmeld)\w*|(?:anmeldung|login|authentifizierung)\w* (?:ist )?fehlgeschlagen|fehlgeschlagene\w* (?:anmelde|login)\w*|falsches (?:passwort|kennwort)|(?:[ée]chec|erreur) (?:de |d')?(?:la )?(?:connexion|authentification)|(?:inicio de sesi[óo]n|autenticaci[óo]n|acceso) (?:fallid[oa]|incorrect[oa])|(?:accesso|autenticazione|login) (?:fallit[oa]|non riuscit[oa])|falha (?:no|de|na) (?:login|autentica\w+)|(?:nieudane|b[łl][ęe]dne) logowanie`;

export const FAILURE: readonly string[] = [
  String.raw`\b${ACT}s?(?:${FEW}|[-_ ]+)${FAILED}`,
  String.raw`${BAD}(?:[ _-]+(?:attempt|authenticate|api|admin|web|ssh|ftp|mail|smtp|imap|sasl|plain|a|an|the|or|as|with|for|of|from|remote|local|[\w.-]+'s|credentials?|username|user|e-?mail|name|${WORD}))?(?:[ _-]+(?:or|and|/|to|a|in|user|username|name|attempt))*[ _"'-]+(?:${ACT}s?|logged[ -]?in|(?:user|account)[ -]?name|pin|api[ -]?key|token provided)\b`,
  String.raw`\b(?:invalid|unknown|illegal|no such|non-?existe?nt|disabled|locked)(?: [\w-]+)?[ _-](?:user|account|username|login)\b(?: found)?\b`,
  String.raw`\b(?:user|account|login)\b(?: ["'\x60\[(<]?[^\s"'\x60]+["'\x60\])>]?)? (?:was |is |has been |does |could )?(?:not (?:found|exist|known|recogni[sz]ed)|unknown|locked(?: out)?|denied)\b`,
  String.raw`\baccess denied (?:for|to) (?:user|account)\b|\bfailed to log ?in\b|\b(?:request|attempt|access) for ${WORD}(?: ${WORD})? (?:has been |was )?(?:denied|rejected|failed)`,
  String.raw`\b(?:[a-z_]*)(?:${NAMES})`,
  ABROAD,
];

export const SUCCESS: readonly string[] = [
  String.raw`\b(?:log[ -]?in|log[ -]?on|sign[ -]?[io]n|auth(?:entication|orization)?|authenticat(?:ed|ion)?|login attempt)(?:${FEW}|[-_ :]+)(?:success(?:ful(?:ly)?)?|succeeded|accepted|granted|ok|allowed)\b`,
  String.raw`\bsuccess(?:ful(?:ly)?)?[ _-](?:[\w-]+[ _-])?(?:log(?:ged)?[ _-]?[io]n|login|sign(?:ed)?[ _-]?[io]n|auth\w*)`,
  String.raw`\b(?:has |have |is |was |just |now )?(?:logged|signed)[ -]in\b`,
  String.raw`\baccepted (?:password|publickey|keyboard-interactive\S*|gssapi\S*|hostbased|none|certificate|login|authentication)\b`,
  String.raw`\bsession opened for user\b|\bnew session \S+ of user\b|\bSuccessfulAuth\b|\bAuth-Success\b|\blogin_success\w*|\btype=LOGIN\b|\bLOGIN_OK\b|\bconnection authori[sz]ed: user`,
  String.raw`\b(?:user|account) ["'\x60]?[^\s"'\x60]+["'\x60]? (?:has )?(?:authenticated|connected)\b`,
];

/** Told before it is known how it ends. */
export const ATTEMPT: readonly string[] = [
  String.raw`\b(?:trying|attempting|tries|tried|attempted|attempts?) to (?:log|sign)[ -]?[io]n\b|\b(?:log[ -]?in|log[ -]?on|sign[ -]?in|authentication) attempt\b`,
];

/** A log of an application that writes its requests itself: the answer 401 or 403 at a place to sign in. */
export const REFUSED_REQUEST: readonly string[] = [
  String.raw`/(?:[\w./-]*[/_.-])?(?:log-?in|logon|sign-?in|auth|authenticate|session|sessions|token)\b.*(?:\b(?:status|statusCode|http_?status|httpStatus|status_?code|code|returned|response|resp_status|HTTP(?:/[0-9.]+"?)?)["':= ]{1,4}(?:401|403)\b)`,
  String.raw`(?:\b(?:status|statusCode|http_?status|httpStatus|status_?code|code|returned|response|resp_status|HTTP)["':= ]{1,4}(?:401|403)\b).*/(?:[\w./-]*[/_.-])?(?:log-?in|logon|sign-?in|auth|authenticate|session|sessions|token)\b`,
];

/**
 * Of each of the two lists a word stands in every line that a phrase above fits, in any case: a look for them is quick (300 MB of JSON in
 * 0.2 s, where the phrases take 0.6 s), and few lines have both.
 */
export const ENDS: readonly string[] = [
  ..."fail,denied,reject,refus,unsucc,invalid,incorrect,mismatch,wrong,unauth,blocked,banned,locked".split(
    ",",
  ),
  ..."error,not ,n't,bad,illegal,no such,non-?exist,disabled,unknown,unable,cannot,could".split(
    ",",
  ),
  ..."succe,accepted,granted,allowed,logged,signed,authenticated,opened for user,of user,connected".split(
    ",",
  ),
  ..."ok\\b,authori[sz]ed,type=login,trying,tries,tried,attempt,40[13],logondenied".split(","),
  ..."mislukte,fehl,falsch,[ée]chec,erreur,fallid,incorrect,fallit,riuscit,falha,nieudane,b[łl][ęe]dne".split(
    ",",
  ),
];

export const ACTS: readonly string[] = [
  ..."log[ -]?in,log[ -]?on,logged,sign[ -]?[io]n,signed,auth,credential,passw,passphrase,passcode".split(
    ",",
  ),
  ..."one-time code,otp,mfa,2fa,verification,user,account,api[ -]?key,pin\\b,token,session".split(
    ",",
  ),
  ..."(?:request|access|attempt) for,accepted,challengeresponse,login,aanmeld,anmeld,kennwort".split(
    ",",
  ),
  ..."connexion,sesi,acceso,accesso,autentic,logowanie".split(","),
];
