// Which field is meant, what it holds where it holds several things, one, none or is not there.
import type { DetectionCase } from "./detection-case.ts";

const raw = String.raw;

const FIELD_CASES: readonly DetectionCase[] = [
  {
    about: "fieldref: the other field has the same value",
    detection: `A|fieldref: B`,
    matches: [
      { A: "x", B: "x" },
      { A: 1, B: 1 },
    ],
    misses: [{ A: "x", B: "y" }, { A: "x" }, { B: "x" }, {}, { A: null, B: null }],
  },
  {
    about: "fieldref with neq: another value",
    detection: `A|fieldref|neq: B`,
    matches: [{ A: "x", B: "y" }],
    misses: [{ A: "x", B: "x" }],
  },
  {
    about: "fieldref with startswith, endswith and contains",
    detection: `A|fieldref|startswith: X\nB|fieldref|endswith: X\nC|fieldref|contains: X`,
    matches: [{ A: "ab1", B: "1ab", C: "1ab1", X: "ab" }],
    misses: [
      { A: "1ab", B: "1ab", C: "1ab1", X: "ab" },
      { A: "ab1", B: "ab1", C: "1ab1", X: "ab" },
      { A: "ab1", B: "1ab", C: "a b", X: "ab" },
    ],
  },
  {
    about: "fieldref: wildcards and signs in the other field are its own characters",
    detection: `A|fieldref: B\nC|fieldref|contains: D`,
    matches: [{ A: "a*b", B: "a*b", C: "100%_ x", D: "100%_" }],
    misses: [
      { A: "axb", B: "a*b", C: "100%_", D: "100%_" },
      { A: "a*b", B: "a*b", C: "100xx", D: "100%_" },
    ],
  },
  {
    about: "a name with dots leads into nested objects, or is the whole key",
    detection: `a.b.c: x`,
    matches: [{ a: { b: { c: "X" } } }, { "a.b.c": "x" }],
    misses: [{ a: { b: "x" } }, { c: "x" }, { a: { b: { c: { d: "x" } } } }],
  },
  {
    about: "an array stands for each of its elements, at the end and on the way",
    detection: `a.b: x`,
    matches: [
      { a: { b: ["y", "x"] } },
      { a: [{ b: "y" }, { b: "x" }] },
      { a: [{ b: ["y", "X"] }] },
    ],
    misses: [{ a: { b: ["y"] } }, { a: [{ b: "y" }, { c: "x" }] }, { a: { b: [] } }, { a: [] }],
  },
  {
    about: "all, over the elements of an array: each value by some element",
    detection: `A|contains|all: [one, two]`,
    matches: [{ A: ["one", "two"] }, { A: ["x", "one two"] }],
    misses: [{ A: ["one", "x"] }],
  },
  {
    about: "the names of fields are taken as they are",
    detection: raw`"it's": a
'q"uote': b
'back\slash': c
'per%cent': d`,
    matches: [{ "it's": "a", 'q"uote': "b", [raw`back\slash`]: "c", "per%cent": "d" }],
    misses: [{ its: "a", quote: "b", backslash: "c", percent: "d" }],
  },
];

const ABSENCE_CASES: readonly DetectionCase[] = [
  {
    about: "null: not there, or null; the empty text is something",
    detection: `A: null`,
    matches: [{}, { A: null }, { B: 1 }, { A: [] }, { A: ["x", null] }],
    misses: [{ A: "" }, { A: 0 }, { A: false }, { A: "null" }],
  },
  {
    about: "the empty text: there and empty",
    detection: `A: ''`,
    matches: [{ A: "" }],
    misses: [{}, { A: null }, { A: " " }, { A: 0 }],
  },
  {
    about: "not null",
    detection: `selection:\n  B: 1\nfilter:\n  A: null\ncondition: selection and not filter`,
    matches: [
      { A: "x", B: 1 },
      { A: "", B: 1 },
    ],
    misses: [{ B: 1 }, { A: null, B: 1 }, { A: "x" }],
  },
  {
    about: "exists: the field is there, whatever its value",
    detection: `A|exists: true`,
    matches: [{ A: "x" }, { A: "" }, { A: 0 }, { A: null }],
    misses: [{}, { B: "x" }],
  },
  {
    about: "exists: false",
    detection: `A|exists: false`,
    matches: [{}, { B: "x" }],
    misses: [{ A: "x" }, { A: "" }, { A: null }],
  },
  {
    about: "a field that is not there makes a negation true",
    detection: `selection:\n  A|contains: x\ncondition: not selection`,
    matches: [{}, { A: null }, { A: "y" }],
    misses: [{ A: "xx" }],
  },
  {
    about: "so does one that is compared with another",
    detection: `selection:\n  A|fieldref: B\ncompare:\n  C|gt: 1\nrange:\n  D|cidr: 10.0.0.0/8\ncondition: not selection and not compare and not range`,
    matches: [{}, { A: "x" }, { B: "x" }, { C: null, D: "none" }],
    misses: [{ A: "x", B: "x" }, { C: 2 }, { D: "10.0.0.1" }],
  },
  {
    about: "neq of a field that is not there: it differs",
    detection: `A|neq: x`,
    matches: [{}, { A: null }, { A: "" }],
    misses: [{ A: "x" }],
  },
];

export const FIELDS_AND_ABSENCE: readonly DetectionCase[] = [...FIELD_CASES, ...ABSENCE_CASES];
