import assert from "node:assert/strict";
import { test } from "node:test";
import { isInternalAddress } from "./internal-address.ts";

test("loopback, private, link-local, reserved and disguised addresses are internal", () => {
  for (const address of [
    "127.0.0.1",
    "127.255.255.254",
    "10.1.2.3",
    "172.31.255.255",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:db8::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "localhost",
    "",
  ]) {
    assert.equal(isInternalAddress(address), true, address);
  }
});

test("public addresses are not", () => {
  for (const address of [
    "8.8.8.8",
    "140.82.121.6",
    "172.32.0.1",
    "172.15.255.255",
    "2606:50c0:8000::153",
    "2a00:1450::1",
  ]) {
    assert.equal(isInternalAddress(address), false, address);
  }
});
