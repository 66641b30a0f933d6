// What is let through, run by RE2 itself as ClickHouse has it.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { testClick } from "../../../test/support/context.ts";
import { toRe2 } from "./to-re2.ts";

const re2 = (source: string): string => {
  const made = toRe2(source);
  assert.ok("source" in made, source);
  return made.source;
};

/** An expression as PCRE has it, what it finds, what it does not. */
const MEANT: readonly [string, readonly string[], readonly string[]][] = [
  ["^a\\h+b$", ["a \tb", "a\u00a0b", "a\u3000b"], ["ab", "a\nb", "a_b"]],
  ["^a\\Hb$", ["axb", "a\nb", "a\u1681b"], ["a b", "a\u2003b"]],
  ["^a\\vb$", ["a\nb", "a\u000bb", "a\u2028b"], ["a b", "avb"]],
  ["^a\\Vb$", ["a b", "avb", "a\u2027b"], ["a\nb", "a\u0085b"]],
  ["^[\\h,]+$", [" ,\t"], ["\n"]],
  ["^[^\\h]$", ["a", "\n"], [" ", "\u00a0"]],
  ["^[\\H]$", ["a", "\n"], [" ", "\u00a0"]],
  ["^a\\Rb$", ["a\r\nb", "a\nb", "a\u0085b"], ["a\n\nb", "ab"]],
  ["a\\Z", ["a", "a\n"], ["a\n\n", "ab"]],
  ["^\\N+$", ["abc"], ["a\nb", ""]],
  ["^\\x{e9}\\e\\cA\\t$", ["é\u001b\u0001\t"], ["e\u001b\u0001\t"]],
  ["^\\Qa.(b\\E+$", ["a.(ba.(b"], ["axb", "a.(bb"]],
  ["^[a\\-z\\]]+$", ["a-]z"], ["b"]],
  ["^[]a^-]+$", ["]a^-"], ["b"]],
  ["^[a-\\d]+$", ["a-1"], ["b"]],
  ["^[\\b]$", ["\b"], ["b"]],
  ["^x{,3}$", ["x{,3}"], ["xxx", "x"]],
  ["^(?<one>a)(?'two'b)(?P<three>c)$", ["abc"], ["ab"]],
  ["^(?|a|b)(?#why)c$", ["ac", "bc"], ["c"]],
  ["(?<=user=)root(?=:)", ["user=root:"], ["user=root", "root:"]],
  ["^\\p{Lu}\\p{^Lu}\\pN$", ["Éa1"], ["aA1"]],
  ["^[[:alpha:]_][[:^digit:]]$", ["_a"], ["1a", "a1"]],
  ["(?i)ABC(?-i)d", ["abcd"], ["abcD"]],
  ['^\\\\\\/\\_\\é\\"$', ['\\/_é"'], ["/"]],
];

test("a rewritten expression finds in RE2 what PCRE says that it finds", async () => {
  const click = await testClick();
  for (const [source, found, missed] of MEANT) {
    const sql = `select match({text:String}, {source:String}) as found`;
    for (const text of [...found, ...missed]) {
      const [row] = await click.query(z.object({ found: z.number() }), sql, {
        text,
        source: re2(source),
      });
      assert.equal(
        row?.found,
        Number(found.includes(text)),
        `${source} on ${JSON.stringify(text)}`,
      );
    }
  }
});

const PARTS = [
  "a",
  "é",
  ".",
  "^",
  "$",
  "|",
  "(",
  ")",
  "(?:",
  "(?<n>",
  "(?i)",
  "(?=",
  "(?<=",
  "[",
  "]",
  "[^",
  "-",
  "\\d",
  "\\h",
  "\\H",
  "\\v",
  "\\R",
  "\\Z",
  "\\N",
  "\\b",
  "\\x41",
  "\\x{e9}",
  "\\e",
  "\\0",
  "\\Q",
  "\\E",
  "\\p{L}",
  "[:alpha:]",
  "*",
  "+",
  "?",
  "{2}",
  "{1,3}",
  "{,2}",
  "\\_",
  "\\-",
  "\\]",
  "}",
  "/",
  '"',
  "&&",
  "~~",
  "#",
  " ",
];

test("whatever is let through, RE2 takes, unless it is too large for it", async () => {
  const click = await testClick();
  const sources = fc
    .sample(fc.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 12 }), 6_000)
    .map((parts) => parts.join(""));
  const accepted = sources.flatMap((source) => {
    const made = toRe2(source);
    return "source" in made && made.source !== "" ? [made.source] : [];
  });
  assert.ok(accepted.length > 500, `${accepted.length} accepted`);
  const takes = async (some: readonly string[]): Promise<void> => {
    try {
      await click.query(
        z.object({ count: z.coerce.number() }),
        "select count() as count from (select match('', arrayJoin({some:Array(String)})) as found) where found or not found",
        { some },
      );
    } catch (error) {
      if (some.length === 1) throw new Error(`RE2 does not take ${some[0]}`, { cause: error });
      await takes(some.slice(0, some.length / 2));
      await takes(some.slice(some.length / 2));
    }
  };
  await takes(accepted);
});
