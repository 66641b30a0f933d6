// The data categories that Tocsin tells apart: fideslang's keys (taxonomy 3.2), and extensions where it has none.
// Not what customers read (the words of notices), nor how a value is recognised (scope).

/** What follows for the person whose value was exposed. Notices turn it into a sentence; nobody is told what does not follow. */
export const ADVICE = [
  "change-password-elsewhere",
  "choose-new-answers",
  "renew-second-factor",
  "replace-access-keys",
  "link-again",
  "change-server-access",
  "watch-payments",
  "watch-identity",
  "expect-phishing",
  "beware-calls",
] as const;
export type Advice = (typeof ADVICE)[number];

export type CategoryFacts = {
  /** Slugs of Have I Been Pwned's data classes. */
  readonly hibp: readonly string[];
  /** Names of columns that hold it, after `columnWords`: lower case, words joined by `_`. */
  readonly columns?: RegExp;
  readonly advice: readonly Advice[];
  /** How much its exposure tells or opens; of two categories that fit a column, the higher is taken. */
  readonly weight: number;
};

const plain = (hibp: readonly string[], weight: number, columns?: RegExp): CategoryFacts => ({
  hibp,
  weight,
  advice: [],
  ...(columns ? { columns } : {}),
});
const advised = (facts: CategoryFacts, ...advice: Advice[]): CategoryFacts => ({
  ...facts,
  advice,
});

const TOKEN =
  "(access_|oauth_|auth_|api_|personal_access_|refresh_|app_)?(token|key|secret|pat|password|credentials?)";

export const CATEGORIES = {
  "token.github": advised(
    plain(
      ["auth-tokens"],
      98,
      new RegExp(`^(gh|github)_(${TOKEN})(_value)?$|^(${TOKEN})_(gh|github)$`),
    ),
    "link-again",
  ),
  "token.bitbucket": advised(
    plain(
      ["auth-tokens"],
      98,
      new RegExp(`^(bb|bitbucket)_(${TOKEN})(_value)?$|^(${TOKEN})_(bb|bitbucket)$`),
    ),
    "link-again",
  ),
  "token.gitlab": advised(
    plain(["auth-tokens"], 98, new RegExp(`^gitlab_(${TOKEN})(_value)?$|^(${TOKEN})_gitlab$`)),
    "link-again",
  ),
  "token.other": advised(plain(["auth-tokens"], 97), "replace-access-keys"),
  "user.authorization.credentials": advised(
    plain(
      ["auth-tokens"],
      96,
      /^(api|access|secret|private)_?(key|token|secret)(_hash|_id)?$|^(auth|oauth|bearer|refresh|remember)_?tokens?$|^tokens?$|^secrets?$/,
    ),
    "replace-access-keys",
  ),
  "user.authorization.second_factor": advised(
    plain(
      ["auth-tokens", "pins"],
      95,
      /^(totp|otp|mfa|two_?factor|2fa|second_factor|authenticator)(_(secret|seed|key|backup_codes?|recovery_codes?))?$|^(backup|recovery)_codes?$|^pin(_code)?$/,
    ),
    "renew-second-factor",
  ),
  "user.authorization.password": advised(
    plain(
      ["passwords", "historical-passwords"],
      94,
      /^(user_|account_|login_|old_|current_)?(pass(word|wd|phrase|code)?|pwd|pw|passwort|kennwort|mot_de_passe|mdp|contrasena|senha|wachtwoord|haslo)(_?(hash(ed)?|digest|enc|encrypted|crypt(ed)?|bcrypt|argon2|scrypt|md5|sha_?\d*|text|plain))*$|^(hash(ed)?|encrypted|crypt(ed)?|bcrypt|md5|sha\d*)_?(pass(word|wd)?|pwd|pw)$|^(password_?)?(hash|digest)$/,
    ),
    "change-password-elsewhere",
  ),
  "user.authorization.password_hint": advised(
    plain(["password-hints"], 80, /^(pass(word)?|pwd)_?hint$|^hint$/),
    "change-password-elsewhere",
  ),
  "user.authorization.security_questions": advised(
    plain(
      ["security-questions-and-answers"],
      85,
      /^(security|secret)_?(question|answer)s?(_?\d)?$/,
    ),
    "choose-new-answers",
  ),
  "user.authorization.session": plain(
    ["auth-tokens"],
    90,
    /^session(_?(id|token|key|cookie))?$|^(jwt|cookie|sid)$/,
  ),
  "user.authorization.biometrics": advised(plain(["biometric-data"], 93), "watch-identity"),
  "service.servers.credentials": advised(
    plain(
      ["passwords"],
      97,
      /^(root|server|ssh|admin|vps|ftp|database|db)_?(pass(word|wd)?|pwd|key|private_key|credentials?)$/,
    ),
    "change-server-access",
  ),
  "user.government_id": advised(
    plain(["government-issued-ids"], 92, /^(gov(ernment)?|tax|vat|citizen)_?(id|number|no)$|^tin$/),
    "watch-identity",
  ),
  "user.government_id.national_identification_number": advised(
    plain(
      ["government-issued-ids"],
      92,
      /^(ssn|social_security(_number|_no)?|national_?id(entification)?(_number|_no)?|nin|bsn|pesel|cpf|dni|nif|codice_fiscale|personnummer)$/,
    ),
    "watch-identity",
  ),
  "user.government_id.passport_number": advised(
    plain(["passport-numbers"], 92, /^passport(_?(no|number|id))?$/),
    "watch-identity",
  ),
  "user.government_id.drivers_license_number": advised(
    plain(
      ["government-issued-ids"],
      92,
      /^(driver'?s?_?)?licen[cs]e_?(no|number|id)$|^drivers?_licen[cs]e$/,
    ),
    "watch-identity",
  ),
  "user.health": plain(
    [
      "personal-health-data",
      "health-insurance-information",
      "fitness-levels",
      "drug-habits",
      "smoking-habits",
      "drinking-habits",
      "eating-habits",
      "physical-attributes",
    ],
    91,
    /^(health|medical|diagnosis|allerg(y|ies)|blood_type|medications?|disability)(_.*)?$/,
  ),
  "user.financial.credit_card": advised(
    plain(
      ["credit-cards", "credit-card-cvv", "partial-credit-card-data"],
      92,
      /^(credit_?|debit_?|bank_?|payment_?)?card(_?(no|num|number|pan|last_?4|last_four|digits))?$|^(pan|cc|ccn|cc_?(no|num|number|last_?4)|cvv2?|cvc)$/,
    ),
    "watch-payments",
  ),
  "user.financial.bank_account": advised(
    plain(
      ["bank-account-numbers"],
      91,
      /^(iban|bic|swift|sort_code|routing_(no|number)|bank_?account(_?(no|num|number))?|account_number_bank)$/,
    ),
    "watch-payments",
  ),
  "user.financial": plain(
    [
      "account-balances",
      "income-levels",
      "credit-status-information",
      "net-worths",
      "financial-investments",
      "home-loan-information",
      "home-ownership-statuses",
      "utility-bills",
    ],
    70,
    /^(account_)?balance$|^(income|salary|credit_score|net_worth)(_.*)?$/,
  ),
  "user.payment": plain(
    ["payment-histories", "payment-methods", "financial-transactions"],
    65,
    /^(amounts?|total|sum)_?(paid|spent|due|invoiced)?$|^(paid|spent|payments?|invoices?|billing|revenue|ltv|lifetime_value)(_.*)?$/,
  ),
  "user.demographic.date_of_birth": advised(
    plain(
      ["dates-of-birth", "years-of-birth", "astrological-signs"],
      75,
      /^(dob|birth_?(date|day|year)?|date_?of_?birth|geburtsdatum|date_?naissance|born(_on)?|yob)$/,
    ),
    "watch-identity",
  ),
  "user.demographic.age_range": plain(["ages", "age-groups"], 30, /^age(_?(range|group))?$/),
  "user.demographic.gender": plain(["genders"], 35, /^(gender|sex)$/),
  "user.demographic.language": plain(
    ["spoken-languages"],
    20,
    /^(language|lang|locale|preferred_language)$/,
  ),
  "user.demographic.marital_status": plain(
    ["marital-statuses", "relationship-statuses", "family-structure"],
    40,
    /^(marital|relationship|family)_?status$/,
  ),
  "user.demographic.race_ethnicity": plain(
    ["ethnicities", "races"],
    88,
    /^(race|ethnicity|ethnic_group)$/,
  ),
  "user.demographic.religious_belief": plain(["religions"], 88, /^(religion|religious_.*|faith)$/),
  "user.demographic.political_opinion": plain(
    ["political-views", "political-donations"],
    88,
    /^(political_.*|party_membership)$/,
  ),
  "user.demographic.sexual_orientation": plain(
    ["sexual-orientations", "sexual-fetishes"],
    89,
    /^(sexual_orientation|orientation)$/,
  ),
  "user.demographic.citizenship_or_immigration_status": plain(
    ["nationalities"],
    50,
    /^(nationality|citizenship)$/,
  ),
  "user.demographic.profile": plain(
    [
      "personal-descriptions",
      "personal-interests",
      "beauty-ratings",
      "car-ownership-statuses",
      "survey-results",
      "buying-preferences",
      "charitable-donations",
      "parenting-plans",
      "travel-habits",
      "work-habits",
      "user-statuses",
      "deceased-date",
      "deceased-statuses",
      "salutations",
      "reward-program-balances",
      "vehicle-details",
    ],
    30,
    /^(bio|about(_me)?|interests?|hobb(y|ies)|profile|description|salutation|title)$/,
  ),
  "user.children": advised(plain([], 90), "watch-identity"),
  "user.biometrics": advised(
    plain(
      ["biometric-data", "audio-recordings"],
      92,
      /^(fingerprint|face_template|voice_?print)(_.*)?$/,
    ),
    "watch-identity",
  ),
  "user.content.private": plain(
    [
      "private-messages",
      "email-messages",
      "chat-logs",
      "sms-messages",
      "recovery-email-addresses",
      "audio-recordings",
    ],
    80,
    /^(private_?)?messages?$|^(chat|mail|email)_?(body|text|log)s?$|^(dm|sms)s?$/,
  ),
  "user.content.support": plain(
    ["support-tickets", "customer-feedback", "customer-interactions"],
    60,
    /^(support_?)?(notes?|tickets?|comments?|remarks?)$|^(support|internal)_.*$/,
  ),
  "user.content.self_image": plain(
    ["profile-photos", "photos", "avatars"],
    40,
    /^(avatar|photo|picture|image|profile_(photo|picture|image))(_?(url|path|file))?$/,
  ),
  "user.social_activity": plain(
    ["social-connections", "address-book-contacts", "family-members-names"],
    60,
    /^(friends|followers|contacts|connections)$/,
  ),
  "user.behavior": plain(
    ["website-activity", "device-usage-tracking-data"],
    40,
    /^(last_?(login|seen|active|sign_?in|visit)|login_?count|visits|activity)(_?(at|on|date|time))?$/,
  ),
  "user.behavior.browsing_history": plain(
    ["browsing-histories"],
    75,
    /^(brows(er|ing)|search)_?history$/,
  ),
  "user.behavior.purchase_history": plain(
    ["purchases", "purchasing-habits"],
    55,
    /^(orders?|purchases?|products?|cart)(_.*)?$/,
  ),
  "user.location": plain(
    ["geographic-locations", "time-zones"],
    60,
    /^(lat|latitude|lon|lng|longitude|geo|location|coordinates?|time_?zone|tz)$/,
  ),
  "user.device": plain(
    [
      "device-information",
      "browser-user-agent-details",
      "imei-numbers",
      "imsi-numbers",
      "mac-addresses",
      "apps-installed-on-devices",
      "cellular-network-names",
    ],
    45,
    /^(user_?agent|ua|device|os|browser|imei|imsi|mac(_address)?|platform)(_.*)?$/,
  ),
  "user.device.ip_address": plain(
    ["ip-addresses"],
    62,
    /^(.*_)?ip(v[46])?(_?addr(ess)?)?$|^(remote|client|source)_addr(ess)?$/,
  ),
  "user.contact.address": advised(
    plain(
      ["physical-addresses"],
      64,
      /^((home|postal|street|mailing|billing|shipping|delivery|residential|work|contact|primary|secondary|customer|company|permanent|invoice)_)?(address|addr|street|strasse|rue|adresse)(_?(line)?_?\d)?$|^(zip|post(al)?_?code|plz|city|town|state|province|county|house_?(no|number)|ort)$/,
    ),
    "expect-phishing",
  ),
  "user.contact.address.country": plain(
    ["geographic-locations"],
    15,
    /^(country|country_?(code|name|iso\d?)|land|pays|nation)$/,
  ),
  "user.contact.phone_number": advised(
    plain(
      ["phone-numbers"],
      66,
      /^(.*_)?(phone|mobile|cell|tel|telephone|telefon|fax|msisdn|handy)(_?(no|num|number))?$/,
    ),
    "beware-calls",
  ),
  "user.contact.email": advised(
    plain(
      ["email-addresses"],
      68,
      /^(.*_)?(e_?mail|mail)(_?(addr(ess)?|id))?(_?\d)?$|^courriel$|^correo$/,
    ),
    "expect-phishing",
  ),
  "user.contact.social_url": plain(
    ["social-media-profiles", "instant-messenger-identities", "user-website-urls", "homepage-urls"],
    30,
    /^(.*_)?(url|website|homepage|twitter|linkedin|facebook|instagram|skype|icq|jabber|telegram|discord)(_?(id|handle|name|url))?$/,
  ),
  "user.name": advised(
    plain(
      ["names", "nicknames"],
      67,
      /^(full|first|last|given|family|middle|sur|real|display|customer|contact|person|vor|nach|nick)_?names?$|^names?$|^(nom|prenom|nombre|apellidos?|cognome|naam|imie|nazwisko|surname|forename)$/,
    ),
    "expect-phishing",
  ),
  "user.professional_information": plain(
    [
      "employers",
      "job-titles",
      "occupations",
      "career-levels",
      "education-levels",
      "professional-skills",
      "years-of-professional-experience",
      "school-grades-class-levels",
    ],
    35,
    /^(company|employer|organi[sz]ation|job(_?title)?|occupation|position|department|role|education)(_?name)?$/,
  ),
  "user.account.username": plain(
    ["usernames"],
    50,
    /^(user_?name|user|login|login_?name|handle|screen_?name|nick|account_?name|utilisateur|benutzer(name)?|usuario|utente|gebruikersnaam|uzytkownik)$/,
  ),
  "user.unique_id": plain(
    [],
    10,
    /^(id|uid|uuid|guid|key|pk|(user|account|customer|client|member|person|profile|cust|acct)_?(id|no|num|number|uuid|key|ref)|account|customer)$/,
  ),
  "user.account": plain(
    [],
    12,
    /^(created|registered|joined|signup|updated|modified|deleted|changed|password_(changed|set|reset))(_?(at|on|date|time))?$|^(status|plan|tier|account_?(type|status)|is_.*|has_.*|.*_enabled|enabled|active|verified|two_?factor_enabled)$/,
  ),
  "service.servers.count": plain(
    [],
    25,
    /^(server|vm|instance|host|node|vps)s?_?(count|total|num(ber)?)$|^(num(ber)?_?(of_)?)(servers?|vms?|instances?)$|^servers$/,
  ),
  "service.servers.addresses": plain(
    ["ip-addresses"],
    55,
    /^server_?(ip|address|host(name)?)(es|s)?$|^host_?names?$/,
  ),
  "service.bandwidth": plain([], 25, /^(bandwidth|traffic|transfer)(_.*)?$/),
} as const satisfies Readonly<Record<string, CategoryFacts>>;

export type CategoryKey = keyof typeof CATEGORIES;
