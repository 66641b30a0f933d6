// Values that are no plain text: encodings, regular expressions, numbers, times, addresses, placeholders.
import type { DetectionCase } from "./detection-case.ts";
import type { Json } from "./event.ts";

const raw = String.raw;
const base64 = (text: string, encoding: BufferEncoding = "utf8"): string =>
  Buffer.from(text, encoding).toString("base64");
const big = (digits: string): Json => BigInt(digits);

const ENCODING_CASES: readonly DetectionCase[] = [
  {
    about: "base64: the value's encoding",
    detection: `A|base64: foobar`,
    matches: [{ A: "Zm9vYmFy" }],
    misses: [{ A: "foobar" }, { A: "xZm9vYmFy" }],
  },
  {
    about: "base64 with contains, and its padding",
    detection: `A|base64|contains: 'http://'`,
    matches: [{ A: `x ${base64("http://")} y` }],
    misses: [{ A: base64("http://x") }, { A: "http://" }],
  },
  {
    about: "base64 of text beyond ASCII is that of its UTF-8",
    detection: `A|base64: 'é😀'`,
    matches: [{ A: base64("é😀") }],
    misses: [{ A: base64("é", "latin1") }],
  },
  {
    about: "base64offset: wherever the value stands in what was encoded",
    detection: `A|base64offset|contains: 'Invoke-Expression'`,
    matches: ["", "a", "ab", "abc", "abcd"].map((before) => ({
      A: base64(`${before}Invoke-Expression and more`),
    })),
    misses: [{ A: "Invoke-Expression" }, { A: base64("invoke-expression") }],
  },
  {
    about: "utf16le and then base64offset, as PowerShell encodes",
    detection: `A|utf16le|base64offset|contains: 'IEX'`,
    matches: ["", "a", "ab", "abc"].map((before) => ({ A: base64(`${before}IEX x`, "utf16le") })),
    misses: [{ A: base64("IEX x") }, { A: base64("xIXE x", "utf16le") }],
  },
  {
    about: "wide is utf16le",
    detection: `A|wide|base64: 'ping ü'`,
    matches: [{ A: base64("ping ü", "utf16le") }],
    misses: [{ A: base64("ping ü") }],
  },
  {
    about: "utf16be",
    detection: `A|utf16be|base64: ping`,
    matches: [{ A: base64("\0p\0i\0n\0g", "latin1") }],
    misses: [{ A: base64("ping", "utf16le") }],
  },
  {
    about: "utf16 has its byte order mark before it",
    detection: `A|utf16|base64: ping`,
    matches: [{ A: base64("\xff\xfep\0i\0n\0g\0", "latin1") }],
    misses: [{ A: base64("ping", "utf16le") }],
  },
  {
    about: "wide alone is text with NULs",
    detection: `A|wide|contains: cmd`,
    matches: [{ A: "x c\0m\0d\0 y" }],
    misses: [{ A: "cmd" }, { A: "\0c\0m\0d" }],
  },
];

const REGEX_CASES: readonly DetectionCase[] = [
  {
    about: "re: found anywhere, cases told apart",
    detection: raw`A|re: 'a[0-9]{2,3}(x|y)+$'`,
    matches: [{ A: "_a12x" }, { A: "a123yxy" }],
    misses: [{ A: "A12x" }, { A: "a1x" }, { A: "a12x." }],
  },
  {
    about: "re: a backslash is the expression's own",
    detection: raw`A|re: '^C:\\Temp\\[^\\]+\.exe$'`,
    matches: [{ A: raw`C:\Temp\a.exe` }],
    misses: [{ A: raw`C:\Temp\a\b.exe` }, { A: raw`C:\Temp\axexe` }],
  },
  {
    about: "re: a wildcard of Sigma is a quantifier here",
    detection: raw`A|re: '^ab*c?$'`,
    matches: [{ A: "a" }, { A: "abbbc" }],
    misses: [{ A: "abxc" }, { A: "abcc" }],
  },
  {
    about: "re: several expressions",
    detection: raw`A|re: ['^a', 'z$']`,
    matches: [{ A: "ab" }, { A: "yz" }],
    misses: [{ A: "ba" }],
  },
  {
    about: "re with all",
    detection: raw`A|re|all: ['^a', 'z$']`,
    matches: [{ A: "abz" }],
    misses: [{ A: "ab" }, { A: "yz" }],
  },
  {
    about: "re with i: either case",
    detection: raw`A|re|i: 'who(ami)?$'`,
    matches: [{ A: "WHOAMI" }, { A: "x Who" }],
    misses: [{ A: "whoa" }],
  },
  {
    about: "re: a dot is no line break, with s it is",
    detection: raw`A|re: 'a.b'
B|re|s: 'a.b'`,
    matches: [{ A: "a-b", B: "a\nb" }],
    misses: [{ A: "a\nb", B: "a\nb" }],
  },
  {
    about: "re: anchors are those of the text, with m those of its lines",
    detection: raw`A|re: '^a$'
B|re|m: '^a$'`,
    matches: [
      { A: "a", B: "x\na\ny" },
      { A: "a", B: "a" },
    ],
    misses: [
      { A: "x\na\ny", B: "x\na\ny" },
      { A: "a", B: "xa" },
    ],
  },
  {
    about: "re with i, m and s together",
    detection: raw`A|re|i|m|s: '^b.c$'`,
    matches: [{ A: "a\nB\nC\nd" }],
    misses: [{ A: "a\nB\n\nC\nd" }],
  },
  {
    about: "re: before the end, a character of four bytes is one",
    detection: raw`A|re: "[^a]$"`,
    matches: [{ A: "\u{1F600}" }, { A: "ab" }],
    misses: [{ A: "a" }, { A: "\u{1F600}a" }],
  },
  {
    about: "re with neq",
    detection: raw`A|re|neq: '^[a-z]+$'`,
    matches: [{ A: "abc1" }],
    misses: [{ A: "abc" }],
  },
  {
    about: "re: quotes, and a character of four bytes is one",
    detection: raw`A|re: "^'.{2}\"$"`,
    matches: [{ A: "'\u{1F600}x\"" }],
    misses: [{ A: "'\u{1F600}\"" }],
  },
];

const NUMBER_CASES: readonly DetectionCase[] = [
  {
    about: "a number is equal to a number and to its text",
    detection: `EventID: 4624`,
    matches: [{ EventID: 4624 }, { EventID: "4624" }],
    misses: [{ EventID: 46240 }, { EventID: "4625" }, { EventID: "x" }, { EventID: null }, {}],
  },
  {
    about: "a text of digits is equal to the number",
    detection: `EventID: '4624'`,
    matches: [{ EventID: 4624 }, { EventID: "4624" }],
    misses: [{ EventID: 46244 }],
  },
  {
    about: "numbers in a list, negative ones and fractions",
    detection: `A: [517, -3, 1.5]`,
    matches: [{ A: 517 }, { A: -3 }, { A: 1.5 }, { A: "1.5" }],
    misses: [{ A: 3 }, { A: 15 }, { A: 1 }],
  },
  {
    about: "a number beyond 2^53 keeps its digits as text",
    detection: `A: '18446744073709551615'`,
    matches: [{ A: big("18446744073709551615") }, { A: "18446744073709551615" }],
    misses: [{ A: big("18446744073709551614") }],
  },
  {
    about: "true and false",
    detection: `A: true\nB: false`,
    matches: [
      { A: true, B: false },
      { A: "true", B: "false" },
    ],
    misses: [
      { A: true, B: true },
      { A: false, B: false },
      { A: true },
      { A: true, B: null },
      { A: true, B: "" },
    ],
  },
  {
    about: "lt",
    detection: `A|lt: 5`,
    matches: [{ A: 4 }, { A: "4" }, { A: -100 }, { A: 4.9 }],
    misses: [{ A: 5 }, { A: "50" }, { A: "x" }, { A: "" }, { A: null }, {}],
  },
  {
    about: "lte",
    detection: `A|lte: 5`,
    matches: [{ A: 5 }, { A: "-1" }],
    misses: [{ A: 5.1 }, { A: 6 }, {}],
  },
  {
    about: "gt",
    detection: `A|gt: 5`,
    matches: [{ A: 6 }, { A: "10" }, { A: 5.5 }, { A: big("18446744073709551615") }],
    misses: [{ A: 5 }, { A: "4" }, { A: "9 lives" }, {}],
  },
  {
    about: "gte, of a fraction",
    detection: `A|gte: 0.5`,
    matches: [{ A: 0.5 }, { A: "0.75" }, { A: 1 }],
    misses: [{ A: 0.49 }, { A: "" }],
  },
  {
    about: "two comparisons are a range",
    detection: `A|gte: 10\nA|lt: 20`,
    matches: [{ A: 10 }, { A: 19 }],
    misses: [{ A: 9 }, { A: 20 }],
  },
  {
    about: "neq of a number",
    detection: `A|neq: 5`,
    matches: [{ A: 6 }, { A: "x" }],
    misses: [{ A: 5 }, { A: "5" }],
  },
];

const time = "2026-03-01T23:59:30Z";

const TIME_CASES: readonly DetectionCase[] = [
  {
    about: "minute and hour",
    detection: `T|minute: 59\nU|hour: 23`,
    matches: [{ T: time, U: time }],
    misses: [
      { T: "2026-03-01T23:58:59Z", U: time },
      { T: time, U: "2026-03-01T22:59:59Z" },
      { T: time },
    ],
  },
  {
    about: "day, month and year",
    detection: `T|day: 1\nU|month: 3\nV|year: 2026`,
    matches: [{ T: time, U: time, V: time }],
    misses: [
      { T: "2026-03-02T00:00:00Z", U: time, V: time },
      { T: time, U: "2026-02-28T23:59:59Z", V: time },
      { T: time, U: time, V: "2025-12-31T23:59:59Z" },
    ],
  },
  {
    about: "week, counted as ISO 8601 does",
    detection: `T|week: 9`,
    matches: [{ T: "2026-02-23T00:00:00Z" }, { T: time }],
    misses: [{ T: "2026-02-22T23:59:59Z" }, { T: "2026-03-02T00:00:00Z" }, { T: "no time" }, {}],
  },
  {
    about: "a part of a time compared",
    detection: `T|hour|gte: 20`,
    matches: [{ T: time }, { T: "2026-03-01T20:00:00Z" }],
    misses: [{ T: "2026-03-01T19:59:59Z" }, { T: "20" }],
  },
  {
    about: "several parts of one kind",
    detection: `T|month: [1, 3]`,
    matches: [{ T: time }, { T: "2026-01-31T12:00:00Z" }],
    misses: [{ T: "2026-02-01T00:00:00Z" }],
  },
];

const NETWORK_CASES: readonly DetectionCase[] = [
  {
    about: "cidr of IPv4",
    detection: `A|cidr: 10.0.0.0/8`,
    matches: [{ A: "10.0.0.0" }, { A: "10.255.255.255" }],
    misses: [
      { A: "11.0.0.0" },
      { A: "9.255.255.255" },
      { A: "10.0.0" },
      { A: "10.0.0.1x" },
      { A: "" },
      { A: "::1" },
      {},
    ],
  },
  {
    about: "cidr with a length inside a byte, and of one address",
    detection: `A|cidr: [172.16.0.0/12, 192.0.2.7/32]`,
    matches: [{ A: "172.31.255.255" }, { A: "192.0.2.7" }],
    misses: [{ A: "172.32.0.0" }, { A: "192.0.2.8" }],
  },
  {
    about: "cidr of IPv6, however the address is written",
    detection: `A|cidr: 'fe80::/10'`,
    matches: [{ A: "fe80::1" }, { A: "FEBF:0:0:0:0:0:0:1" }],
    misses: [{ A: "fec0::1" }, { A: "::1" }, { A: "10.0.0.1" }, { A: "fe80" }],
  },
  {
    about: "cidr of everything is every address and nothing else",
    detection: `A|cidr: 0.0.0.0/0`,
    matches: [{ A: "203.0.113.9" }],
    misses: [{ A: "host.example" }, { A: "" }, { A: "256.1.1.1" }],
  },
];

/** With `VALUES_OF_PLACEHOLDERS`. */
const PLACEHOLDER_CASES: readonly DetectionCase[] = [
  {
    about: "expand: each value of the placeholder, which may be a pattern",
    detection: `A|expand: '%Servers%'`,
    matches: [{ A: "srv1" }, { A: "SRV" }, { A: "mail" }],
    misses: [{ A: "%Servers%" }, { A: "xsrv" }],
  },
  {
    about: "expand inside a value and with contains, in either order",
    detection: `A|contains|expand: 'cn=%admins%,'\nB|expand|contains: '%admins%'`,
    matches: [{ A: "x cn=root, y", B: "is alice." }],
    misses: [
      { A: "cn=bob,", B: "is alice." },
      { A: "cn=root,", B: "is bob" },
    ],
  },
  {
    about: "an escaped percent sign is plain, and without expand all are",
    detection: raw`A|expand: '\%plain%admins%'
B: '%admins%'`,
    matches: [{ A: "%plainroot", B: "%ADMINS%" }],
    misses: [
      { A: "%plain%admins%", B: "%admins%" },
      { A: "%plainroot", B: "root" },
    ],
  },
];

export const VALUES_OF_PLACEHOLDERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["Servers", ["srv*", "mail"]],
  ["admins", ["root", "alice"]],
]);

export const VALUE_CASES: readonly DetectionCase[] = [
  ...ENCODING_CASES,
  ...REGEX_CASES,
  ...NUMBER_CASES,
  ...TIME_CASES,
  ...NETWORK_CASES,
  ...PLACEHOLDER_CASES,
];
