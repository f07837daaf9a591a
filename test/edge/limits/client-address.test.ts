import { expect, test } from "vitest";
import { clientAddress } from "../../../edge/limits/client-address.ts";

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:0db8:0001:0002::9", "2001:db8:1:2::/64"],
  ["2001:db8::9", "2001:db8:0:0::/64"],
  ["2001:db8:0:0:ffff::9", "2001:db8:0:0::/64"],
  ["64:ff9b::", "64:ff9b:0:0::/64"],
  ["::ffff:9", "0:0:0:0::/64"],
])("the client at %s counts as %s", (ip, counted) => {
  expect(clientAddress(ip)).toBe(counted);
});

test.each([undefined, "", "127.0.0.1", "::1"])("nobody counts at %s", (ip) => {
  expect(clientAddress(ip)).toBeUndefined();
});
