// IP addresses and ranges as bits, written out.

/** Is the address in the CIDR range? What is no address, or of the other family, is in none. */
export function inRange(address: string, range: string): boolean {
  const [network = "", length = ""] = range.split("/");
  const bits = bitsOf(address);
  const wanted = bitsOf(network);
  if (bits === undefined || wanted === undefined || bits.length !== wanted.length) return false;
  const count = length === "" ? wanted.length : Number(length);
  return bits.slice(0, count) === wanted.slice(0, count);
}

function bitsOf(address: string): string | undefined {
  return address.includes(":") ? bitsOfV6(address) : bitsOfV4(address);
}

function bitsOfV4(address: string): string | undefined {
  const numbers = address.split(".");
  if (numbers.length !== 4) return undefined;
  if (!numbers.every((text) => /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) < 256)) {
    return undefined;
  }
  return numbers.map((text) => binary(Number(text), 8)).join("");
}

function bitsOfV6(address: string): string | undefined {
  const halves = address.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupsOf);
  if (!head || (halves.length === 2 && !tail)) return undefined;
  const zeros = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? zeros < 1 : zeros !== 0) return undefined;
  const groups = [...head, ...Array<number>(zeros).fill(0), ...(tail ?? [])];
  return groups.map((group) => binary(group, 16)).join("");
}

/** The 16-bit groups of one side of `::`; the last two may be written as an IPv4 address. */
function groupsOf(side: string): number[] | undefined {
  if (side === "") return [];
  const groups: number[] = [];
  for (const text of side.split(":")) {
    if (/^[0-9a-f]{1,4}$/i.test(text)) groups.push(Number.parseInt(text, 16));
    else {
      const bits = bitsOfV4(text);
      if (bits === undefined) return undefined;
      groups.push(Number.parseInt(bits.slice(0, 16), 2), Number.parseInt(bits.slice(16), 2));
    }
  }
  return groups;
}

const binary = (number: number, width: number): string => number.toString(2).padStart(width, "0");
