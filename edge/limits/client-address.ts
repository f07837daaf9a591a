/**
 * What stands for a client without a key: its IPv4 address, or the /64 of its IPv6 address, of which it has all.
 * Undefined for this very machine, which Cloudflare never names.
 */
export function clientAddress(ip: string | undefined): string | undefined {
  if (!ip || ip === "127.0.0.1" || ip === "::1") return undefined;
  return ip.includes(":") ? network64(ip) : ip;
}

/** The first four groups (RFC 4291, section 2.2), where "::" stands for as many zeros as are missing. */
function network64(ip: string): string {
  const [start = "", end] = ip.toLowerCase().split("::", 2);
  const first = start === "" ? [] : start.split(":");
  const last = end ? end.split(":") : [];
  const zeros = end === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...Array<string>(Math.max(0, zeros)).fill("0"), ...last];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
