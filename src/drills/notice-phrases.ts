// How a reader of the drill's own templates knows what a notice says: kept here by hand, apart from the words that
// Tocsin writes with, so that a mistake there is seen here.

export const CATEGORIES = ["username", "email", "password", "github", "bitbucket"] as const;
export type LeakedCategory = (typeof CATEGORIES)[number];

export type Phrases = {
  /** Lines of the template between which what was exposed stands. */
  readonly from: string;
  readonly to: string;
  /** The same of a correction. */
  readonly correctionFrom: string;
  readonly correctionTo: string;
  /** What stands before that which the person knows already. */
  readonly told: string;
  readonly names: Readonly<Record<LeakedCategory, RegExp>>;
};

export const PHRASES: Readonly<Record<string, Phrases>> = {
  en: {
    from: "What they had:",
    to: "What they did not have:",
    correctionFrom: "What we had named:",
    correctionTo: "What you can do:",
    told: "We told you before",
    names: {
      username: /user ?name/i,
      email: /e-?mail address/i,
      password: /password/i,
      github: /github/i,
      bitbucket: /bitbucket/i,
    },
  },
  de: {
    from: "Was in der Kopie ist:",
    to: "Was nicht darin ist:",
    correctionFrom: "Was wir genannt hatten:",
    correctionTo: "Was Sie tun können:",
    told: "Darüber hatten wir Sie schon",
    names: {
      username: /benutzername/i,
      email: /e-mail-adresse/i,
      password: /passwort/i,
      github: /github/i,
      bitbucket: /bitbucket/i,
    },
  },
  fr: {
    from: "Ce que contient la copie :",
    to: "Ce qu’elle ne contient pas :",
    correctionFrom: "Ce que nous avions nommé :",
    correctionTo: "Ce que vous pouvez faire :",
    told: "Nous vous avions déjà",
    names: {
      username: /nom d[’']utilisateur/i,
      email: /adresse e-?mail/i,
      password: /mot de passe/i,
      github: /github/i,
      bitbucket: /bitbucket/i,
    },
  },
  es: {
    from: "Qué hay en la copia:",
    to: "Qué no hay en la copia:",
    correctionFrom: "Qué habíamos nombrado:",
    correctionTo: "Qué puede hacer:",
    told: "Ya le habíamos",
    names: {
      username: /nombre de usuario/i,
      email: /correo electrónico/i,
      password: /contraseña/i,
      github: /github/i,
      bitbucket: /bitbucket/i,
    },
  },
  ja: {
    from: "コピーに含まれるもの：",
    to: "コピーに含まれないもの：",
    correctionFrom: "お伝えしていた内容：",
    correctionTo: "お客様にできること：",
    told: "以前お知らせした",
    names: {
      username: /ユーザー名/,
      email: /メールアドレス/,
      password: /パスワード/,
      github: /GitHub/i,
      bitbucket: /Bitbucket/i,
    },
  },
};

/** What a notice names, by account: new things, and what it says was told before. Undefined where it is no such text. */
export type Named = {
  readonly kind: "message" | "correction";
  readonly language: string;
  readonly accounts: ReadonlyMap<
    string,
    { readonly fresh: readonly LeakedCategory[]; readonly told: readonly LeakedCategory[] }
  >;
};

/** Reads a notice's text about the accounts that it may be about. */
export function readNamed(text: string, usernames: readonly string[]): Named | undefined {
  for (const [language, phrases] of Object.entries(PHRASES)) {
    for (const kind of ["message", "correction"] as const) {
      const section = sectionOf(
        text,
        kind === "message"
          ? [phrases.from, phrases.to]
          : [phrases.correctionFrom, phrases.correctionTo],
      );
      if (section !== undefined)
        return { kind, language, accounts: accountsIn(section, usernames, phrases) };
    }
  }
  return undefined;
}

function sectionOf(text: string, [from, to]: readonly [string, string]): string | undefined {
  const start = text.indexOf(from);
  const end = text.indexOf(to, start + from.length);
  return start === -1 || end === -1 ? undefined : text.slice(start + from.length, end);
}

// One item an account where they differ; where all are alike, sentences without a name that hold for each.
function accountsIn(
  section: string,
  usernames: readonly string[],
  phrases: Phrases,
): Named["accounts"] {
  const items = section.split(/^- /m).slice(1);
  return new Map(
    usernames.map((username) => {
      const own = items.find((item) => item.replaceAll("*", "").startsWith(`${username}:`));
      const said =
        own === undefined ? (items.length === 0 ? section : "") : own.slice(username.length);
      const [fresh = "", ...told] = said.split(phrases.told);
      return [
        username,
        { fresh: categoriesIn(fresh, phrases), told: categoriesIn(told.join(" "), phrases) },
      ];
    }),
  );
}

function categoriesIn(text: string, { names }: Phrases): LeakedCategory[] {
  return CATEGORIES.filter((category) => names[category].test(text));
}
