// A-labels of internationalised domain names (RFC 5890), by Punycode (RFC 3492). ClickHouse has no IDNA function in the
// embedded build, so both languages carry the same closed form: an insertion's delta follows from its neighbours alone, and its
// bias from the delta before it, so nothing needs a loop over state.
import { bound } from "./sql-text.ts";

const DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Each label that is not ASCII becomes `xn--…`. The name is lower case and NFKC already. */
export function toALabels(domain: string): string {
  return domain
    .split(".")
    .map((label) => (/^[\0-\x7f]*$/.test(label) ? label : `xn--${punycode(label)}`))
    .join(".");
}

/** As `toALabels`, in ClickHouse SQL. */
export function toALabelsSql(value: string): string {
  const label = `if(isASCII(al0), al0, concat('xn--', ${punycodeSql("al0")}))`;
  return `arrayStringConcat(arrayMap(al0 -> ${label}, splitByChar('.', ${value})), '.')`;
}

type Insertion = { readonly code: number; readonly handled: number; readonly at: number };

function punycode(label: string): string {
  const codes = Array.from(label, (char) => char.codePointAt(0) ?? 0);
  const basic = codes.filter((code) => code < 128);
  const insertions = codes
    .map((code, place) => ({ code, place }))
    .filter(({ code }) => code >= 128)
    .toSorted((a, b) => a.code - b.code || a.place - b.place)
    .map(({ code, place }, index): Insertion => {
      const at = codes.filter((other, before) => before < place && other <= code).length;
      return { code, handled: basic.length + index, at };
    });
  const deltas = insertions.map((one, index) => {
    const last = insertions[index - 1] ?? { code: 128, at: -1 };
    return (one.code - last.code) * (one.handled + 1) + one.at - last.at - 1;
  });
  const digits = deltas.map((delta, index) => {
    const before = deltas[index - 1];
    const bias = before === undefined ? 72 : adapt(before, basic.length + index, index === 1);
    return variableLength(delta, bias);
  });
  const head = basic.length > 0 ? `${String.fromCodePoint(...basic)}-` : "";
  return head + digits.join("");
}

function adapt(delta: number, points: number, first: boolean): number {
  let rest = Math.floor(delta / (first ? 700 : 2));
  rest += Math.floor(rest / points);
  let bias = 0;
  for (; rest > 455; bias += 36) rest = Math.floor(rest / 35);
  return bias + Math.floor((36 * rest) / (rest + 38));
}

function variableLength(delta: number, bias: number): string {
  let digits = "";
  let rest = delta;
  for (let weight = 36; ; weight += 36) {
    const threshold = Math.min(26, Math.max(1, weight - bias));
    if (rest < threshold) return digits + DIGITS.charAt(rest);
    digits += DIGITS.charAt(threshold + ((rest - threshold) % (36 - threshold)));
    rest = Math.floor((rest - threshold) / (36 - threshold));
  }
}

function punycodeSql(label: string): string {
  // pi: (code, handled, at) of each insertion, in order.
  const insertions = `arrayMap((pt, pk) -> (pt.1, length(pb) + pk - 1,
    toInt64(arrayCount((pc, pp) -> pp < pt.2 and pc <= pt.1, ps, arrayEnumerate(ps)))),
    pe, arrayEnumerate(pe))`;
  const deltas = `arrayMap((pt, pk) -> toInt64((pt.1 - ${earlier("pi", 1, "128")}) * (pt.2 + 1) + pt.3 - ${earlier("pi", 3, "-1")} - 1),
    pi, arrayEnumerate(pi))`;
  const digits = `arrayMap((pq, pk) -> ${variableLengthSql(
    `if(pk = 1, 72, ${adaptSql("pd[pk - 1]", "(length(pb) + pk - 1)", "(pk = 2)")})`,
  )}, pd, arrayEnumerate(pd))`;
  const head = `if(empty(pb), '', concat(arrayStringConcat(arrayMap(pc -> char(pc), pb)), '-'))`;
  const whole = `concat(${head}, arrayStringConcat(${bound("pi", insertions, bound("pd", deltas, digits))}))`;
  const sorted = `arraySort(arrayFilter(pt -> pt.1 >= 128, arrayZip(ps, arrayEnumerate(ps))))`;
  return bound(
    "ps",
    `arrayMap(pc -> ${codePointSql("pc")}, extractAll(${label}, '(?s).'))`,
    bound("pb", `arrayFilter(pc -> pc < 128, ps)`, bound("pe", sorted, whole)),
  );
}

function codePointSql(char: string): string {
  const byte = (place: number): string => `reinterpretAsUInt8(substring(${char}, ${place}, 1))`;
  const next = (place: number): string => `(${byte(place)} - 128)`;
  return `toInt64(multiIf(length(${char}) = 1, ${byte(1)},
    length(${char}) = 2, (${byte(1)} - 192) * 64 + ${next(2)},
    length(${char}) = 3, (${byte(1)} - 224) * 4096 + ${next(2)} * 64 + ${next(3)},
    (${byte(1)} - 240) * 262144 + ${next(2)} * 4096 + ${next(3)} * 64 + ${next(4)}))`;
}

// 63 characters at most a label, so a delta is below 2^27 and falls below 456 in four divisions by 35.
function adaptSql(delta: string, points: string, first: string): string {
  const start = bound("pa", `intDiv(${delta}, if(${first}, 700, 2))`, `pa + intDiv(pa, ${points})`);
  const step = `arrayFold((px, pz) -> if(px.1 > 455, (intDiv(px.1, 35), px.2 + 36), px), range(6), (toInt64(${start}), toInt64(0)))`;
  return bound("pf", step, `pf.2 + intDiv(36 * pf.1, pf.1 + 38)`);
}

function variableLengthSql(bias: string): string {
  const step = bound(
    "pw",
    `least(26, greatest(1, 36 * pz - pg))`,
    `multiIf(px.3 = 1, px,
      px.1 < pw, (px.1, concat(px.2, substring('${DIGITS}', px.1 + 1, 1)), toUInt8(1)),
      (intDiv(px.1 - pw, 36 - pw), concat(px.2, substring('${DIGITS}', pw + (px.1 - pw) % (36 - pw) + 1, 1)), toUInt8(0)))`,
  );
  return bound(
    "pg",
    bias,
    `(arrayFold((px, pz) -> ${step}, range(1, 9), (toInt64(pq), '', toUInt8(0)))).2`,
  );
}

/** A member of the element before the `pk`-th, or `first` where there is none. */
function earlier(array: string, member: number, first: string): string {
  return `if(pk = 1, ${first}, ${array}[pk - 1].${member})`;
}
