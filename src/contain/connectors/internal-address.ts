import { BlockList, isIP } from "node:net";

// IANA's special-purpose registries: everything that is not one globally reachable host.
const NOT_GLOBAL_V4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16], // cloud metadata lives here
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const;

// Outside of 2000::/3 nothing is a global unicast address, which also shuts out IPv4 in disguise (::ffff:0:0/96, 64:ff9b::/96).
const NOT_GLOBAL_V6 = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const;

/** True for an address that is not on the public internet: loopback, private, link-local, reserved, IPv4 in IPv6, or no address at all. */
export function isInternalAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return NOT_GLOBAL.check(address, "ipv4");
  if (family === 6) return !GLOBAL.check(address, "ipv6") || NOT_GLOBAL.check(address, "ipv6");
  return true;
}

const NOT_GLOBAL = blockList();
const GLOBAL = new BlockList();
GLOBAL.addSubnet("2000::", 3, "ipv6");

function blockList(): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of NOT_GLOBAL_V4) list.addSubnet(net, prefix, "ipv4");
  for (const [net, prefix] of NOT_GLOBAL_V6) list.addSubnet(net, prefix, "ipv6");
  return list;
}
