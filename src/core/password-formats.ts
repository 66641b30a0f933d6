// How a password was scrambled, told from the value's form, and what guessing it costs.
//
// Grades come from published rates of one RTX 4090 (hashcat 6.2.6, Chick3nman's benchmark; argon2id: hashcat pull request
// 4284): weak from 100 million guesses a second up, fair from 100,000, strong below. Where the form names its cost, the
// grade follows it, at rates inversely proportional to the cost.

export const GRADES = ["weak", "fair", "strong"] as const;
export type Grade = (typeof GRADES)[number];

export type PasswordFormat = {
  readonly name: string;
  /** Of RE2 and of JavaScript alike, over the whole value. */
  readonly pattern: string;
  readonly grade: Grade | CostGrade;
  /** The form alone says that it is a password's: a bare row of hex digits does not. */
  readonly typed: boolean;
};

/** `cost` captures a number; from `fair` and `strong` up it has that grade. */
export type CostGrade = { readonly cost: string; readonly fair: number; readonly strong: number };

const typed = (name: string, pattern: string, grade: Grade | CostGrade): PasswordFormat => ({
  name,
  pattern: `^${pattern}$`,
  grade,
  typed: true,
});
const bare = (name: string, pattern: string, grade: Grade): PasswordFormat => ({
  name,
  pattern: `^${pattern}$`,
  grade,
  typed: false,
});

const B64 = "[A-Za-z0-9+/=_.-]";
const CRYPT = "[A-Za-z0-9./]";
const HEX = "[0-9a-fA-F]";

// bcrypt at cost 5: 184,000/s. PBKDF2-HMAC-SHA256 at 999 rounds: 8.9 million/s, SHA-1 21 million, SHA-512 3.3 million.
// sha512crypt and sha256crypt at 5,000 rounds: about a million. phpass at 2^11: 71 million. scrypt at N = 2^14: 7,100.
const BCRYPT: CostGrade = { cost: "^[^$]*\\$2[abxy]?\\$(\\d\\d)\\$", fair: 0, strong: 6 };
const rounds = (fair: number, strong: number, cost = "[:$.(] ?(\\d{1,9})[:$.,]"): CostGrade => ({
  cost,
  fair,
  strong,
});

/** In order: the first that fits is the answer. */
export const PASSWORD_FORMATS: readonly PasswordFormat[] = [
  typed("bcrypt", `\\$2[abxy]?\\$\\d\\d\\$${CRYPT}{53}`, BCRYPT),
  typed(
    "bcrypt over SHA",
    `(\\$bcrypt-sha(256|512)\\$.*|bcrypt(_sha\\d+)?\\$+\\$?2[abxy]?\\$\\d\\d\\$${CRYPT}{53})`,
    "strong",
  ),
  typed(
    "argon2id",
    `(argon2)?\\$argon2id\\$v=\\d+\\$m=\\d+,t=\\d+,p=\\d+\\$${B64}+\\$${B64}+`,
    "strong",
  ),
  typed(
    "argon2i",
    `(argon2)?\\$argon2i\\$(v=\\d+\\$)?m=\\d+,t=\\d+,p=\\d+\\$${B64}+\\$${B64}+`,
    "strong",
  ),
  typed(
    "argon2d",
    `(argon2)?\\$argon2d\\$(v=\\d+\\$)?m=\\d+,t=\\d+,p=\\d+\\$${B64}+\\$${B64}+`,
    "strong",
  ),
  typed("yescrypt", `\\$y\\$${CRYPT}+\\$${CRYPT}*\\$${CRYPT}{43}`, "strong"),
  typed(
    "scrypt",
    `(SCRYPT:\\d+:\\d+:\\d+:${B64}+:${B64}+|scrypt:\\d+:\\d+:\\d+\\$.+|\\$(7|scrypt)\\$.+|\\$s0\\$[0-9a-f]+\\$${B64}+\\$${B64}+|\\$9\\$${CRYPT}{14}\\$${CRYPT}{43})`,
    "strong",
  ),
  typed("sha512crypt", `\\$6\\$(rounds=\\d+\\$)?[^$:]{0,16}\\$${CRYPT}{86}`, {
    cost: "rounds=(\\d{1,9})",
    fair: 0,
    strong: 60_000,
  }),
  typed("sha256crypt", `\\$5\\$(rounds=\\d+\\$)?[^$:]{0,16}\\$${CRYPT}{43}`, {
    cost: "rounds=(\\d{1,9})",
    fair: 0,
    strong: 60_000,
  }),
  typed("sha1crypt", `\\$sha1\\$\\d+\\$[^$]*\\$${CRYPT}+`, rounds(1_000, 200_000)),
  typed("md5crypt", `(\\$1\\$|\\$apr1\\$|\\{smd5\\})[^$]{0,8}\\$${CRYPT}{22}`, "fair"),
  typed("sunmd5", `\\$md5[$,].{20,}`, "fair"),
  typed("phpass", `\\$[PH]\\$${CRYPT}{31}`, "fair"),
  typed("Drupal 7", `\\$S\\$${CRYPT}{52}`, "strong"),
  typed("Django SHA-1", `sha1\\$[^$]*\\$[0-9a-f]{40}`, "weak"),
  typed("Django MD5", `md5\\$[^$]*\\$[0-9a-f]{32}`, "weak"),
  typed(
    "PBKDF2-SHA512",
    `(pbkdf2[_:-]sha512|\\$pbkdf2-sha512|sha512|\\{PBKDF2-SHA512\\}|\\$ml|grub\\.pbkdf2\\.sha512)[:$.]\\d+[:$.]${B64}+[:$.]${B64}+`,
    rounds(330, 33_000),
  ),
  typed(
    "PBKDF2-SHA256",
    `(pbkdf2[_:-]sha256|\\$pbkdf2-sha256|sha256|\\{PBKDF2-SHA256\\}|pbkdf2)[:$]+\\d+[:$]${B64}+[:$]${B64}+`,
    rounds(90, 89_000),
  ),
  typed("PBKDF2-SHA256", `(\\{x-pbkdf2-sha256\\}|pbkdf2:sha256:|\\$8\\$).{20,}`, "fair"),
  typed(
    "PBKDF2-SHA1",
    `(pbkdf2(_sha1|:sha1)?|\\$pbkdf2(-sha1)?|sha1)[:$]\\d+[:$]${B64}+[:$]${B64}+`,
    rounds(210, 210_000),
  ),
  typed("PBKDF2-SHA1", `\\{PKCS5S2\\}[A-Za-z0-9+/]{64}`, "fair"),
  typed("salted SHA-1, repeated", `\\{x-issha, \\d+\\}[A-Za-z0-9+/=]+`, "fair"),
  typed("PBKDF2-SHA512", `pbkdf2\\(\\d+,\\d+,sha512\\)\\$.+`, rounds(330, 33_000)),
  typed("Azure AD sync", `v1;PPH1_MD4,[0-9a-f]+,\\d+,[0-9a-f]{64};?`, "fair"),
  typed("PBKDF2-MD5", `md5:\\d+:${B64}+:${B64}+`, "fair"),
  typed("ASP.NET Identity", `AQAAAA[A-Za-z0-9+/]{76,}={0,2}`, "fair"),
  typed("SCRAM", `SCRAM-SHA-(1|256|512)\\$\\d+:${B64}+\\$${B64}+:${B64}+`, "fair"),
  typed("AIX SHA-1", `\\{ssha1\\}\\d\\d\\$.+`, { cost: "\\}(\\d\\d)\\$", fair: 8, strong: 20 }),
  typed("AIX SHA-256", `\\{ssha256\\}\\d\\d\\$.+`, {
    cost: "\\}(\\d\\d)\\$",
    fair: 6,
    strong: 18,
  }),
  typed("AIX SHA-512", `\\{ssha512\\}\\d\\d\\$.+`, {
    cost: "\\}(\\d\\d)\\$",
    fair: 5,
    strong: 15,
  }),
  typed("PBKDF2-SHA256", `\\{PBKDF2_SHA256\\}[A-Za-z0-9+/=]{40,}`, "fair"),
  typed("BLAKE2b", `\\$BLAKE2\\$[0-9a-f]{128}(:.*)?`, "weak"),
  typed("Episerver", `\\$episerver\\$\\*[01]\\*.+`, "weak"),
  typed("MongoDB SCRAM", `\\$mongodb-scram\\$.+`, "fair"),
  typed("MySQL 8 SHA-256", `(\\$mysql)?\\$A\\$005[*$].+`, "fair"),
  typed("salted SHA-1", `\\{SSHA\\}[A-Za-z0-9+/]+={0,2}`, "weak"),
  typed("salted SHA-256", `\\{SSHA256\\}[A-Za-z0-9+/]+={0,2}`, "weak"),
  typed("salted SHA-512", `\\{SSHA512\\}[A-Za-z0-9+/]+={0,2}`, "weak"),
  typed("SHA-1", `\\{SHA1?\\}[A-Za-z0-9+/]{27}=`, "weak"),
  typed("MD5", `\\{MD5\\}[A-Za-z0-9+/]{22}==`, "weak"),
  typed("MySQL 4.1", `\\*${HEX}{40}`, "weak"),
  typed("PostgreSQL MD5", `md5[0-9a-f]{32}`, "weak"),
  typed("SQL Server", `0x0[12]00${HEX}{48,136}`, "weak"),
  typed("Django unsalted", `(un)?salted_(md5|sha1)\\$.*`, "weak"),
  typed("NTLM", `\\$NT\\$[0-9a-f]{32}`, "weak"),
  typed("LM and NTLM", `${HEX}{16}(aad3b435b51404ee|AAD3B435B51404EE):${HEX}{32}:*`, "weak"),
  bare("MD5 or NTLM", `${HEX}{32}`, "weak"),
  bare("SHA-1", `${HEX}{40}`, "weak"),
  bare("SHA-224", `${HEX}{56}`, "weak"),
  bare("SHA-256", `${HEX}{64}`, "weak"),
  bare("SHA-384", `${HEX}{96}`, "weak"),
  bare("SHA-512", `${HEX}{128}`, "weak"),
  bare("salted MD5", `(${HEX}{32}[:$,;|].{1,256}|.{1,256}[:$,;|]${HEX}{32})`, "weak"),
  bare("salted SHA-1", `(${HEX}{40}[:$,;|].{1,256}|.{1,256}[:$,;|]${HEX}{40})`, "weak"),
  bare("salted SHA-256", `(${HEX}{64}[:$,;|].{1,256}|.{1,256}[:$,;|]${HEX}{64})`, "weak"),
  bare("salted SHA-512", `(${HEX}{128}[:$,;|].{1,256}|.{1,256}[:$,;|]${HEX}{128})`, "weak"),
  bare("salted SHA-384", `(${HEX}{96}[:$,;|].{1,256}|.{1,256}[:$,;|]${HEX}{96})`, "weak"),
  bare("MD5 in base64", "[A-Za-z0-9+/]{22}==", "weak"),
  bare("SHA-1 in base64", "[A-Za-z0-9+/]{27}=", "weak"),
  bare("SHA-256 in base64", "[A-Za-z0-9+/]{43}=", "weak"),
  bare("SHA-512 in base64", "[A-Za-z0-9+/]{86}==", "weak"),
  bare("DES crypt", "[A-Za-z0-9./]{13}", "weak"),
  bare("extended DES crypt", "_[A-Za-z0-9./]{19}", "weak"),
  bare("MySQL 3", `${HEX}{16}`, "weak"),
  // What is scrambled in a way that we do not know is graded as if it were scrambled badly.
  bare("unknown hash", `(0x)?${HEX}{24,}([:$*@].{0,256})?`, "weak"),
  bare("unknown hash", "[$@{(][A-Za-z][A-Za-z0-9_.-]{0,60}[$@*})].{12,}", "weak"),
];

/** What is in a password column and has no form of a hash. */
export const PLAINTEXT = "plaintext";

const WEAK = new Set([
  PLAINTEXT,
  ...PASSWORD_FORMATS.filter((format) => format.grade === "weak").map(({ name }) => name),
]);

/** Whether a password exposed with this detail counts as read. */
export function isWeakForm(detail: string): boolean {
  return WEAK.has(detail);
}

export function passwordFormat(value: string): PasswordFormat | undefined {
  return PASSWORD_FORMATS.find((format) => new RegExp(format.pattern, "s").test(value));
}

export function gradeOf(format: PasswordFormat, value: string): Grade {
  const { grade } = format;
  if (typeof grade === "string") return grade;
  const cost = Number(new RegExp(grade.cost, "s").exec(value)?.[1] ?? 0);
  if (cost >= grade.strong) return "strong";
  return cost >= grade.fair ? "fair" : "weak";
}
