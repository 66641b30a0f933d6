// Mail providers where several spellings reach one mailbox. Each line has its source; where a provider says nothing, addresses
// are compared as they are.

export type MailboxRule = {
  readonly domains: readonly string[];
  /** Dots in the local part mean nothing. */
  readonly dots: boolean;
  /** The domain that stands for all of them, where one name is one mailbox in each. */
  readonly as?: string;
  readonly source: string;
};

/** In all of them, what follows the first `+` of a local part is the owner's own note. */
export const MAILBOX_RULES: readonly MailboxRule[] = [
  {
    domains: ["gmail.com", "googlemail.com"],
    dots: true,
    as: "gmail.com",
    source: "https://support.google.com/mail/answer/7436150",
  },
  {
    domains: ["outlook.com", "hotmail.com", "live.com", "msn.com"],
    dots: false,
    source:
      "https://learn.microsoft.com/exchange/recipients-in-exchange-online/plus-addressing-in-exchange-online",
  },
  {
    domains: ["icloud.com", "me.com", "mac.com"],
    dots: false,
    source: "https://support.apple.com/102528",
  },
  {
    domains: ["proton.me", "protonmail.com", "pm.me"],
    dots: false,
    source: "https://proton.me/support/addresses-and-aliases",
  },
  {
    domains: ["fastmail.com", "fastmail.fm"],
    dots: false,
    source: "https://www.fastmail.help/hc/en-us/articles/360060591053",
  },
];
