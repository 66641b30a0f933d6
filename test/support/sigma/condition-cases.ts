// Selections and how a condition joins them.
import type { DetectionCase } from "./detection-case.ts";

const ABC = "a:\n  A: 1\nb:\n  B: 1\nc:\n  C: 1\n";

export const CONDITION_CASES: readonly DetectionCase[] = [
  {
    about: "all items of a map",
    detection: `A: 1\nB: 1`,
    matches: [{ A: 1, B: 1, C: 1 }],
    misses: [{ A: 1 }, { B: 1 }, { A: 1, B: 2 }],
  },
  {
    about: "any map of a list, each with all of its items",
    detection: `selection:\n  - A: 1\n    B: 1\n  - C: 1\ncondition: selection`,
    matches: [{ A: 1, B: 1 }, { C: 1 }],
    misses: [{ A: 1 }, { B: 1 }, { C: 2 }],
  },
  {
    about: "or",
    detection: `${ABC}condition: a or b`,
    matches: [{ A: 1 }, { B: 1 }, { A: 1, B: 1 }],
    misses: [{ C: 1 }, {}],
  },
  {
    about: "and",
    detection: `${ABC}condition: a and b`,
    matches: [{ A: 1, B: 1 }],
    misses: [{ A: 1 }, { B: 1 }],
  },
  {
    about: "not",
    detection: `${ABC}condition: not a`,
    matches: [{}, { B: 1 }],
    misses: [{ A: 1 }],
  },
  {
    about: "not twice",
    detection: `${ABC}condition: not not a`,
    matches: [{ A: 1 }],
    misses: [{}],
  },
  {
    about: "and binds more than or, before it and behind it",
    detection: `${ABC}condition: a or b and c`,
    matches: [{ A: 1 }, { B: 1, C: 1 }],
    misses: [{ B: 1 }, { C: 1 }],
  },
  {
    about: "the same with or last",
    detection: `${ABC}condition: a and b or c`,
    matches: [{ C: 1 }, { A: 1, B: 1 }],
    misses: [{ A: 1 }, { B: 1 }],
  },
  {
    about: "not binds more than and",
    detection: `${ABC}condition: not a and b`,
    matches: [{ B: 1 }],
    misses: [{}, { A: 1 }, { A: 1, B: 1 }],
  },
  {
    about: "brackets bind most",
    detection: `${ABC}condition: (a or b) and c`,
    matches: [
      { A: 1, C: 1 },
      { B: 1, C: 1 },
    ],
    misses: [{ A: 1, B: 1 }, { C: 1 }],
  },
  {
    about: "not of a bracket",
    detection: `${ABC}condition: not (a or (b and c))`,
    matches: [{}, { B: 1 }, { C: 1 }],
    misses: [{ A: 1 }, { B: 1, C: 1 }],
  },
  {
    about: "1 of them; what starts with an underscore is not among them",
    detection: `${ABC}_hidden:\n  D: 1\ncondition: 1 of them`,
    matches: [{ A: 1 }, { C: 1 }],
    misses: [{ D: 1 }, {}],
  },
  {
    about: "all of them",
    detection: `${ABC}_hidden:\n  D: 1\ncondition: all of them`,
    matches: [{ A: 1, B: 1, C: 1 }],
    misses: [
      { A: 1, B: 1 },
      { A: 1, B: 1, D: 1 },
    ],
  },
  {
    about: "what starts with an underscore can be named",
    detection: `_hidden:\n  D: 1\na:\n  A: 1\ncondition: a and _hidden`,
    matches: [{ A: 1, D: 1 }],
    misses: [{ A: 1 }, { D: 1 }],
  },
  {
    about: "1 of and all of a pattern, with the asterisk anywhere",
    detection: `sel_a:\n  A: 1\nsel_b:\n  B: 1\nx_flt:\n  C: 1\nx_more_flt:\n  D: 1\ncondition: all of sel_* and not 1 of x*flt`,
    matches: [{ A: 1, B: 1 }],
    misses: [{ A: 1 }, { A: 1, B: 1, C: 1 }, { A: 1, B: 1, D: 1 }],
  },
  {
    about: "x of binds more than not and and",
    detection: `sel_a:\n  A: 1\nsel_b:\n  B: 1\nc:\n  C: 1\ncondition: not all of sel* and c`,
    matches: [{ C: 1 }, { A: 1, C: 1 }],
    misses: [{ A: 1, B: 1, C: 1 }, { A: 1 }],
  },
  {
    about: "a list of conditions: any of them",
    detection: `${ABC}condition:\n  - a and b\n  - c`,
    matches: [{ C: 1 }, { A: 1, B: 1 }],
    misses: [{ A: 1 }],
  },
  {
    about: "a name that begins like an operator",
    detection: `not_this:\n  A: 1\nor1:\n  B: 1\nandy:\n  C: 1\ncondition: not_this and (or1 or andy)`,
    matches: [
      { A: 1, B: 1 },
      { A: 1, C: 1 },
    ],
    misses: [{ A: 1 }, { B: 1 }],
  },
  {
    about: "keywords: any of them, anywhere in the record, in either case",
    detection: `keywords:\n  - EVILSERVICE\n  - 'svchost.exe -n evil'\ncondition: keywords`,
    matches: [{ m: "the EvilService runs" }, { a: { b: ["x", "svchost.exe -n evil"] } }],
    misses: [{ m: "svchost.exe" }, {}],
  },
  {
    about: "keywords with all",
    detection: `keywords:\n  '|all':\n    - OabVirtualDirectory\n    - ' -ExternalUrl '\ncondition: keywords`,
    matches: [
      { m: "x oabvirtualdirectory -externalurl y" },
      { a: "Set -ExternalUrl x", b: "OabVirtualDirectory" },
    ],
    misses: [{ m: "OabVirtualDirectory" }, { m: " -ExternalUrl " }],
  },
  {
    about: "keywords with signs that JSON escapes",
    detection: String.raw`keywords:
  - 'C:\Temp\"x'
condition: keywords`,
    matches: [{ m: String.raw`run C:\Temp\"x" now` }],
    misses: [{ m: String.raw`C:\Temp\x` }],
  },
  {
    about: "a wildcard inside a keyword",
    detection: `keywords:\n  - 'begin*end?'\ncondition: keywords`,
    matches: [{ m: "x begin and the ends" }],
    misses: [{ m: "endx begin" }, { m: "begi end" }],
  },
  {
    about: "keywords that are expressions",
    detection: `keywords:\n  '|re': 'ab+c'\ncondition: keywords`,
    matches: [{ m: "xabbbcx" }],
    misses: [{ m: "ac" }, { m: "ABC" }],
  },
  {
    about: "a number as a keyword",
    detection: `keywords:\n  - 4711\ncondition: keywords`,
    matches: [{ m: "id 4711" }, { n: 4711 }],
    misses: [{ m: "47" }],
  },
  {
    about: "keywords and maps in one list: any of them",
    detection: `selection:\n  - A: 1\n  - keyword\ncondition: selection`,
    matches: [{ A: 1 }, { m: "a keyword." }],
    misses: [{ A: 2 }],
  },
  {
    about: "keywords with a field beside",
    detection: `keywords:\n  - evil\nselection:\n  A: 1\ncondition: keywords and not selection`,
    matches: [{ m: "evil" }, { m: "evil", A: 2 }],
    misses: [{ m: "evil", A: 1 }, { A: 2 }],
  },
];
