// Strings: case, wildcards, escapes, and the modifiers that place or rewrite them.
import type { DetectionCase } from "./detection-case.ts";

const raw = String.raw;

export const TEXT_CASES: readonly DetectionCase[] = [
  {
    about: "a value is the whole field, in either case",
    detection: `A: WhoAmI`,
    matches: [{ A: "whoami" }, { A: "WHOAMI" }],
    misses: [
      { A: "whoami.exe" },
      { A: " whoami" },
      { A: "whoami\n" },
      { A: "" },
      { B: "whoami" },
      {},
    ],
  },
  {
    about: "letters beyond ASCII have two cases too",
    detection: `A: ÄRGER Ωmega жук`,
    matches: [{ A: "ärger ωMEGA ЖУК" }],
    misses: [{ A: "arger omega zhuk" }],
  },
  {
    about: "the Kelvin sign is a k and the long s an s; a dotless i is no i",
    detection: `A: kiss`,
    matches: [{ A: "KISS" }, { A: "\u212Ai\u017F\u017F" }],
    misses: [{ A: "k\u0131ss" }, { A: "K\u0130SS" }],
  },
  {
    about: "cased tells the cases apart",
    detection: `A|cased: WhoAmI`,
    matches: [{ A: "WhoAmI" }],
    misses: [{ A: "whoami" }, { A: "WHOAMI" }],
  },
  {
    about: "a question mark is exactly one character, whatever it takes in bytes",
    detection: `A: 'prog?.exe'`,
    matches: [
      { A: "progA.exe" },
      { A: "prog\u00e9.exe" },
      { A: "prog\u{1F600}.exe" },
      { A: "prog\n.exe" },
    ],
    misses: [{ A: "prog.exe" }, { A: "progAB.exe" }],
  },
  {
    about: "an asterisk is any number of characters, none and line breaks among them",
    detection: `A: 'antivirus_V*.exe'`,
    matches: [
      { A: "antivirus_V1.exe" },
      { A: "antivirus_V21.2.1.exe" },
      { A: "antivirus_V.exe" },
      { A: "antivirus_V\n\r\n.exe" },
    ],
    misses: [{ A: "antivirus_1.exe" }, { A: "antivirus_V1.exe.txt" }, { A: "my antivirus_V1.exe" }],
  },
  {
    about: "an asterisk alone is any value, the empty one too, and no null",
    detection: `A: '*'`,
    matches: [{ A: "" }, { A: "x" }, { A: 0 }, { A: false }],
    misses: [{ A: null }, {}],
  },
  {
    about: "one mandatory character and more",
    detection: `A: '?*'`,
    matches: [{ A: "x" }, { A: "xyz" }],
    misses: [{ A: "" }, {}],
  },
  {
    about: "a single backslash is a backslash",
    detection: raw`A: 'C:\Windows\whoami.exe'`,
    matches: [{ A: raw`c:\windows\WHOAMI.exe` }],
    misses: [{ A: "C:Windowswhoami.exe" }, { A: raw`C:\\Windows\\whoami.exe` }],
  },
  {
    about: "two backslashes are one",
    detection: raw`A: 'C:\\Windows'`,
    matches: [{ A: raw`C:\Windows` }],
    misses: [{ A: raw`C:\\Windows` }],
  },
  {
    about: "three and four backslashes are two",
    detection: raw`A:
  - '\\\three'
  - '\\\\four'`,
    matches: [{ A: raw`\\three` }, { A: raw`\\four` }],
    misses: [{ A: raw`\three` }, { A: raw`\\\three` }, { A: raw`\four` }, { A: raw`\\\\four` }],
  },
  {
    about: "an escaped wildcard is plain",
    detection: raw`A: 'is this\? \*yes\*'`,
    matches: [{ A: "is this? *YES*" }],
    misses: [{ A: "is thisX *yes*" }, { A: "is this? XyesX" }, { A: raw`is this\? \*yes\*` }],
  },
  {
    about: "a backslash and then a wildcard",
    detection: raw`A: 'C:\\*'`,
    matches: [{ A: raw`C:\x` }, { A: "C:\\" }],
    misses: [{ A: "C:*" }, { A: "C:x" }],
  },
  {
    about: "a backslash and then a plain asterisk",
    detection: raw`A: 'C:\\\*'`,
    matches: [{ A: raw`C:\*` }],
    misses: [{ A: raw`C:\x` }, { A: "C:*" }],
  },
  {
    about: "a value that ends in a backslash stays so when a wildcard is put behind it",
    detection: raw`A|startswith: 'C:\Temp\'`,
    matches: [{ A: raw`c:\temp\x` }, { A: "C:\\Temp\\" }],
    misses: [{ A: raw`C:\Temp` }, { A: "C:\\Temp*" }, { A: raw`D:\C:\Temp\ ` }],
  },
  {
    about: "characters that mean something to SQL and to regular expressions mean nothing",
    detection: raw`A|contains: "it's 100%_{x} (a|b)+ [c] ^$ . \\d"`,
    matches: [{ A: raw`>> IT'S 100%_{X} (A|B)+ [C] ^$ . \d <<` }],
    misses: [{ A: raw`it's 100%%{x} (a|b)+ [c] ^$ . \d` }, { A: "it's 100%_{x} a [c] ^$ . 5" }],
  },
  {
    about: "line breaks, tabs and NUL are characters",
    detection: raw`A: "a\nb\tc\0d"`,
    matches: [{ A: "A\nB\tC\0D" }],
    misses: [{ A: "a b c d" }, { A: "a\nb\tc" }],
  },
  {
    about: "startswith",
    detection: `A|startswith: adm`,
    matches: [{ A: "Administrator" }, { A: "adm" }],
    misses: [{ A: "xadm" }, { A: "ad" }],
  },
  {
    about: "endswith",
    detection: raw`A|endswith: '\cmd.exe'`,
    matches: [{ A: raw`C:\Windows\CMD.exe` }, { A: raw`\cmd.exe` }],
    misses: [{ A: "cmd.exe" }, { A: raw`C:\cmd.exe /c` }, { A: "C:\\cmd.exe\n" }],
  },
  {
    about: "contains, with a wildcard inside",
    detection: `A|contains: 'net*user'`,
    matches: [{ A: "c:/net.exe localgroup USER x" }, { A: "netuser" }],
    misses: [{ A: "user net" }, { A: "net use" }],
  },
  {
    about: "contains of the empty text is any text",
    detection: `A|contains: ''`,
    matches: [{ A: "" }, { A: "x" }],
    misses: [{ A: null }, {}],
  },
  {
    about: "contains of a number is its digits",
    detection: `A|contains: 123`,
    matches: [{ A: "x1234" }, { A: 51239 }],
    misses: [{ A: "12" }, { A: 1024 }],
  },
  {
    about: "cased with contains, startswith and endswith, in either order",
    detection: `A|contains|cased: Ab\nB|cased|startswith: Cd\nC|endswith|cased: Ef`,
    matches: [{ A: "xAbx", B: "Cd!", C: "!Ef" }],
    misses: [
      { A: "xabx", B: "Cd!", C: "!Ef" },
      { A: "xAbx", B: "CD!", C: "!Ef" },
      { A: "xAbx", B: "Cd!", C: "!ef" },
    ],
  },
  {
    about: "several values: any of them",
    detection: `A|contains: [one, two]`,
    matches: [{ A: "one" }, { A: "two" }, { A: "one two" }],
    misses: [{ A: "three" }],
  },
  {
    about: "all: each of them, in any order",
    detection: `A|contains|all: [one, two]`,
    matches: [{ A: "two one" }, { A: "one two" }],
    misses: [{ A: "one" }, { A: "two" }],
  },
  {
    about: "all with startswith and endswith",
    detection: `A|startswith|all: [a, ab]\nB|endswith|all: [z, yz]`,
    matches: [{ A: "abc", B: "xyz" }],
    misses: [
      { A: "acb", B: "xyz" },
      { A: "abc", B: "xz" },
    ],
  },
  {
    about: "neq: none of the values",
    detection: `A|neq: [one, two*]`,
    matches: [{ A: "three" }, { A: "onetwo" }],
    misses: [{ A: "ONE" }, { A: "two2" }],
  },
  {
    about: "neq with contains",
    detection: `A|contains|neq: bad`,
    matches: [{ A: "good" }],
    misses: [{ A: "a BAD thing" }],
  },
  {
    about: "windash: a dash and a slash are each any of the five",
    detection: `A|contains|windash: ' -enc '`,
    matches: ["-", "/", "\u2013", "\u2014", "\u2015"].map((dash) => ({ A: `ps ${dash}ENC x` })),
    misses: [{ A: "ps enc x" }, { A: "ps \u2212enc x" }, { A: "ps _enc x" }],
  },
  {
    about: "windash of a slash, and all permutations of two",
    detection: `A|windash|contains: '/a -b'`,
    matches: [{ A: "x -a /b" }, { A: "x /a -b" }, { A: "x \u2013a \u2015b" }, { A: "/a /b" }],
    misses: [{ A: "x a b" }, { A: "x -a" }],
  },
  {
    about: "windash with endswith and startswith",
    detection: `A|windash|endswith: ' -s'\nB|startswith|windash: '-u '`,
    matches: [{ A: "tar /S", B: "\u2014u x" }],
    misses: [
      { A: "tar s", B: "-u x" },
      { A: "tar -s", B: "x -u x" },
    ],
  },
  {
    about: "windash with all",
    detection: `A|contains|windash|all: [' -a', ' -b']`,
    matches: [{ A: "x /b -a" }],
    misses: [{ A: "x /b" }, { A: "x -a" }],
  },
];
