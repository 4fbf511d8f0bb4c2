/**
 * Addresses that the internet does not route to. A webhook to one of them would let a job's author reach
 * what only the machine or its network can: https://www.rfc-editor.org/rfc/rfc6890.
 */
import { BlockList, isIPv4 } from "node:net";

const V4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // The metadata service of EC2 and others is here.
  ["169.254.0.0", 16],
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

/** Everything that is not global unicast, and what in it is not routed, or leads back to IPv4. */
const V6 = [
  ["::", 3],
  ["4000::", 2],
  ["8000::", 1],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const;

/** Two lists: an IPv4 address is also looked up in the IPv6 nets of one list, as the mapped address. */
const PRIVATE = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [net, bits] of V4) PRIVATE.ipv4.addSubnet(net, bits, "ipv4");
for (const [net, bits] of V6) PRIVATE.ipv6.addSubnet(net, bits, "ipv6");

/** `address`: an IP address. An IPv6 address that stands for an IPv4 one is private in any case. */
export function isPrivateAddress(address: string): boolean {
  const [plain = ""] = address.split("%");
  const family = isIPv4(plain) ? "ipv4" : "ipv6";
  return PRIVATE[family].check(plain, family);
}
