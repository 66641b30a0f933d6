import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { canonicalJson, type Json } from "./canonical.ts";

test("the example of RFC 8785, 3.2.2 and 3.2.3, has its one spelling", () => {
  const value = JSON.parse(String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`);
  const expected = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`;
  assert.equal(canonicalJson(value), expected);
});

test("keys are sorted by UTF-16 code units, as RFC 8785, 3.2.3 shows", () => {
  const value = JSON.parse(String.raw`{
    "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
  }`);
  const order = [...canonicalJson(value).matchAll(/:"([^"]+)"/g)].map((match) => match[1]);
  assert.deepEqual(order, [
    "Carriage Return",
    "One",
    "Control",
    "Latin Small Letter O With Diaeresis",
    "Euro Sign",
    "Emoji: Grinning Face",
    "Hebrew Letter Dalet With Dagesh",
  ]);
});

test("numbers are written as in appendix B of RFC 8785", () => {
  const numbers = [
    [-0, "0"],
    [5e-324, "5e-324"],
    [-1.7976931348623157e308, "-1.7976931348623157e+308"],
    [9007199254740992, "9007199254740992"],
    [295147905179352830000, "295147905179352830000"],
    [9.999999999999997e22, "9.999999999999997e+22"],
    [1e23, "1e+23"],
    [0.000001, "0.000001"],
    [333333333.33333325, "333333333.33333325"],
  ] as const;
  for (const [number, written] of numbers) assert.equal(canonicalJson(number), written);
  for (const none of [Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => canonicalJson(none), RangeError);
});

test("a lone surrogate is refused, in a key too", () => {
  assert.throws(() => canonicalJson("\u{d83d}"), RangeError);
  assert.throws(() => canonicalJson({ "\u{dead}": 1 }), RangeError);
});

test("the spelling says the same, is a fixed point, and knows no order of insertion", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const plain = JSON.parse(JSON.stringify(value));
      const written = canonicalJson(plain);
      assert.deepEqual(JSON.parse(written), plain);
      assert.equal(canonicalJson(JSON.parse(written)), written);
      assert.equal(canonicalJson(reversed(plain)), written);
    }),
  );
});

function reversed(value: unknown): Json {
  return JSON.parse(JSON.stringify(value, (_, item: unknown) => turn(item)));
}

function turn(item: unknown): unknown {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
  return Object.fromEntries(Object.entries(item).toReversed());
}
