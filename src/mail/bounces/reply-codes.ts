// Reply codes (RFC 5321, 4.2) and enhanced status codes (RFC 3463) in what servers write.

/** Replies of RFC 5321 and its extensions that a message can fail with; other three digits are something else. */
const REPLY =
  /(?:^|[\s:;<>"'(-])((?:4(?:21|3[0-2]|5[0-9])|5(?:0[0-7]|1[0]|2[135]|3[0458]|4[1]|5[0-9])|25[0-2]))(?=$|[\s\-:;#,.)'"])/g;
const STATUS = /(?<![\w.\-/])(?:#)?([245]\.[0-7]\.\d{1,3})(?![\d\w]|\.\d)/g;

export type Codes = {
  /** `5.1.1`; '' where the text has none. */
  readonly status: string;
  /** `550`; '' where the text has none. */
  readonly reply: string;
};

/** The codes that say most: of several statuses the first that is not merely "other" or "too old", and a reply of its class. */
export function codesIn(text: string): Codes {
  const statuses = [...text.matchAll(statusBesideReply(text) ?? STATUS)].map(([, one = ""]) => one);
  const status = statuses.find((one) => !isVague(one)) ?? statuses[0] ?? "";
  const replies = [...text.matchAll(REPLY)].map(([, one = ""]) => one);
  const reply = replies.find((one) => status === "" || one[0] === status[0]) ?? "";
  return { status, reply };
}

// "550 5.1.1" is surer than a 5.1.1 somewhere: the text may name versions and addresses.
function statusBesideReply(text: string): RegExp | undefined {
  const beside = /(?<!\d)[245]\d\d[ -]#?'?([245]\.[0-7]\.\d{1,3})(?![\d\w]|\.\d)/g;
  const hash = /\(?#([245]\.[0-7]\.\d{1,3})\)?/g;
  for (const pattern of [hash, beside]) {
    const found = [...text.matchAll(pattern)].map(([, one = ""]) => one);
    if (found.some((one) => !isVague(one))) return pattern;
  }
  return undefined;
}

/** X.0.0 says nothing but its class; X.4.7 only that it was tried for too long (RFC 3463, 3.5: the actual problem is preferred). */
export function isVague(status: string): boolean {
  return /^[245]\.0\.0$/.test(status) || status.endsWith(".4.7");
}

/** Of a field's status and a text's codes the one that says more; of two that say as much, the far side's own words. */
export function betterStatus(field: string, { status, reply }: Codes): string {
  if (status === "" || field === "") return status === "" ? field : status;
  if (reply !== "" && field[0] !== status[0]) return reply[0] === status[0] ? status : field;
  return telling(field) > telling(status) ? field : status;
}

function telling(status: string): number {
  if (isVague(status)) return 0;
  return status.endsWith(".0") ? 1 : 2;
}
